import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { createDialer, type Dialer } from './dialer.ts';
import { PEER_LIMITS } from './limits.ts';
import { createHandClock, type HandClock } from './testing/hand-clock.ts';
import { settled } from './testing/nodes.ts';

/** A port where nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Nothing runs but the pause: the deadline of the attempt is gone. */
const isWaiting = ({ timers }: HandClock): boolean =>
  timers.length === 1 && timers[0] !== PEER_LIMITS.handshake_ms;

async function open(random: () => number, isNeeded = () => true) {
  const clock = createHandClock();
  const failures: string[] = [];
  const dialer: Dialer = createDialer(
    { id: 'org-2', host: '127.0.0.1', port: await closedPort() },
    {
      ...{ clock, limits: PEER_LIMITS, random, isNeeded },
      onSecure: () => {},
      onFailed: (reason) => failures.push(reason.code),
    },
  );
  /** One attempt; how long it waits for the next. */
  const attempt = async (): Promise<number> => {
    clock.advance(clock.timers[0] ?? 0);
    const before = failures.length;
    await settled(() => failures.length > before && isWaiting(clock));
    return clock.timers[0]!;
  };
  return { clock, failures, dialer, attempt };
}

it('waits longer each time, up to a limit, and begins anew after a good connection', async () => {
  const { dialer, attempt, failures, clock } = await open(() => 0);
  dialer.begin(0);
  const pauses: number[] = [];
  for (let i = 0; i < 9; i++) pauses.push(await attempt());
  expect(pauses).toEqual([200, 400, 800, 1600, 3200, 6400, 12_800, 15_000, 15_000]);
  dialer.wasGood();
  expect(await attempt()).toBe(200);
  expect(new Set(failures)).toEqual(new Set(['peer/unreachable']));
  dialer.stop();
  expect(clock.timers).toEqual([]);
});

it('leaves out up to half of a pause, by chance', async () => {
  const { dialer, attempt } = await open(() => 0.999);
  dialer.begin(0);
  expect(await attempt()).toBeCloseTo(100, 0);
  dialer.stop();
});

it('does not dial who is connected, and one attempt at a time', async () => {
  let isNeeded = false;
  const { dialer, clock, failures } = await open(
    () => 0,
    () => isNeeded,
  );
  dialer.begin(0);
  clock.advance(0);
  expect(clock.timers).toEqual([]);
  isNeeded = true;
  dialer.again();
  dialer.again();
  expect(clock.timers).toEqual([200]);
  clock.advance(200);
  dialer.again();
  await settled(() => failures.length === 1 && isWaiting(clock));
  expect(clock.timers).toEqual([400]);
  dialer.stop();
});
