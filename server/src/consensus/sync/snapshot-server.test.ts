import { beforeEach, expect, test } from 'vitest';
import { commitBlock } from '../../testing/build.ts';
import { createMachine } from '../../testing/machine.ts';
import { accountTx, createWorld } from '../../testing/world.ts';
import type { Peer } from '../transport/port.ts';
import { SYNC_LIMITS, type SyncLimits } from './limits.ts';
import { decodeSyncMessage } from './messages.ts';
import { createShares } from './share.ts';
import { createSnapshotServer } from './snapshot-server.ts';
import { createFakeHost } from './testing/fake-host.ts';
import { createVirtualClock } from './testing/virtual-clock.ts';

const world = createWorld();
const source = await createMachine(world).open();
await commitBlock(world, source, [accountTx(world, 'a')], world.keys);
const PIECES = 3;

let answers: string[] = [];
beforeEach(() => {
  answers = [];
});

function start(changes: Partial<SyncLimits> = {}) {
  const limits = { ...SYNC_LIMITS, ...changes };
  const clock = createVirtualClock();
  const state = { open: 0, grown_bytes: 0 };
  const hold = () => {
    const held = source.hold();
    state.open += 1;
    return {
      ...held,
      grown_bytes: () => state.grown_bytes,
      release() {
        state.open -= 1;
        held.release();
      },
    };
  };
  const server = createSnapshotServer({
    host: { ...createFakeHost(clock), hold },
    limits,
    shareOf: createShares(clock, limits),
    send(peer, bytes) {
      const m = decodeSyncMessage(bytes);
      if (m.type === 'piece') {
        answers.push(`${peer} ${m.id}/${m.index} ${m.piece === null ? '-' : '+'}`);
      }
      return true;
    },
  });
  const get = async (peer: Peer, id: number, index: number): Promise<string | undefined> => {
    server.asked(peer, { type: 'get-piece', id, index });
    await clock.pass(100);
    return answers.at(-1);
  };
  return { clock, server, state, get };
}

const observer = (id: string, from: string): Peer => ({ id, validator: false, from });
const validator = (id: string): Peer => ({ id, validator: true });
const [a, b, c] = [observer('a', '1.1.1.1'), observer('b', '2.2.2.2'), observer('c', '3.3.3.3')];

test('a piece is given again, none is skipped, and the first of it begins no second one', async () => {
  const { server, get, state, clock } = start();
  await get(a, 0, 0);
  await get(a, 0, 0);
  await get(a, 1, 1);
  await get(a, 1, 1);
  await get(a, 1, 3);
  await get(a, 2, 2);
  expect(answers).toEqual(['a 1/0 +', 'a 1/0 +', 'a 1/1 +', 'a 1/1 +', 'a 1/3 -', 'a 2/2 -']);
  expect(state.open).toBe(1);
  await server.stop();
  expect([state.open, clock.timers]).toEqual([0, 0]);
});

test('observers fill their own places, one an address, and leave those of validators', async () => {
  const { server, get, state } = start();
  expect(await get(a, 0, 0)).toBe('a 1/0 +');
  expect(await get(observer('other-key', '1.1.1.1'), 0, 0)).toBe('other-key 0/0 -');
  expect(await get(b, 0, 0)).toBe('b 2/0 +');
  expect(await get(c, 0, 0)).toBe('c 0/0 -');
  expect(await get(validator('v1'), 0, 0)).toBe('v1 3/0 +');
  expect(await get(validator('v2'), 0, 0)).toBe('v2 4/0 +');
  expect(await get(validator('v3'), 0, 0)).toBe('v3 0/0 -');
  expect(state.open).toBe(4);
  await server.stop();
});

test('one taken to its end is over with the last piece, and the next one waits for as long as it took, some times over', async () => {
  const { clock, get, state, server } = start();
  await get(a, 0, 0);
  await clock.pass(SYNC_LIMITS.snapshotCheck_ms);
  for (let index = 1; index < PIECES; index++) await get(a, 1, index);
  expect(state.open).toBe(0);
  expect(await get(a, 0, 0)).toBe('a 0/0 -');
  await clock.pass(SYNC_LIMITS.snapshotCheck_ms * SYNC_LIMITS.snapshotPauseTimes);
  expect(await get(a, 0, 0)).toBe('a 2/0 +');
  await server.stop();
});

test.each<[string, Partial<SyncLimits>, number]>([
  ['is not asked for any more', {}, SYNC_LIMITS.snapshotIdle_ms],
  ['comes on too slowly', { snapshotIdle_ms: 1e9 }, SYNC_LIMITS.snapshotSlow_ms + 5_000],
  [
    'is held for too long',
    { snapshotIdle_ms: 1e9, snapshotLeast_bytes_per_s: 0 },
    SYNC_LIMITS.snapshotMax_ms,
  ],
])('one that %s is let go, and its address waits', async (_, limits, held_ms) => {
  const { clock, get, state, server } = start(limits);
  await get(a, 0, 0);
  await clock.pass(held_ms - SYNC_LIMITS.snapshotCheck_ms);
  expect(state.open).toBe(1);
  // To ask for the same again is no progress, nor is a clock that is set.
  await get(a, 1, 0);
  clock.jump(-86_400_000);
  await clock.pass(SYNC_LIMITS.snapshotCheck_ms);
  expect(state.open).toBe(0);
  expect(await get(observer('other-key', '1.1.1.1'), 0, 0)).toBe('other-key 0/0 -');
  expect(await get(b, 0, 0)).toBe('b 2/0 +');
  await clock.pass(SYNC_LIMITS.snapshotPause_ms);
  expect(await get(a, 0, 0)).toBe('a 3/0 +');
  await server.stop();
  expect(clock.timers).toBe(0);
});

test('none is held when the database has grown too much meanwhile', async () => {
  const { clock, get, state, server } = start();
  await get(a, 0, 0);
  await get(validator('v'), 0, 0);
  state.grown_bytes = SYNC_LIMITS.snapshotGrowth_bytes;
  await clock.pass(SYNC_LIMITS.snapshotCheck_ms);
  expect(state.open).toBe(0);
  expect(await get(a, 0, 0)).toBe('a 0/0 -');
  await server.stop();
});
