import { expect, test } from 'vitest';
import { systemClock } from './clock.ts';
import { createDriftingClock } from './drifting.ts';
import { createManualClock } from './manual.ts';

test('a manual clock wakes sleepers in order, each at its own time', async () => {
  const clock = createManualClock(1000);
  const woken: string[] = [];
  const sleep = async (name: string, delay_ms: number): Promise<void> => {
    await clock.wait(delay_ms);
    woken.push(`${name}@${clock.now_ms()}`);
  };
  void sleep('late', 50);
  void sleep('early', 10).then(() => sleep('again', 10));
  void sleep('never', 51);
  await clock.advance(50);
  expect(woken).toEqual(['early@1010', 'again@1020', 'late@1050']);
  expect(clock.waiting()).toBe(1);
  expect(clock.now_ms()).toBe(1050);
});

test.each([
  ['manual', createManualClock(0)],
  ['system', systemClock],
])('waiting on the %s clock ends when it is called off', async (_name, clock) => {
  const stop = new AbortController();
  const waiting = clock.wait(3_600_000, stop.signal);
  stop.abort();
  await waiting;
  await clock.wait(3_600_000, stop.signal);
  await clock.wait(0);
});

test('a wrong clock is off by offset, drift and steps', async () => {
  const base = createManualClock(1_000_000);
  const clock = createDriftingClock(base, {
    offset_ms: -500,
    drift_ppm: 50,
    steps: [{ at_ms: 1_000_000 + 86_400_000, by_ms: 3_600_000 }],
  });
  expect(clock.now_ms()).toBe(999_500);
  await base.advance(43_200_000);
  expect(clock.now_ms() - base.now_ms()).toBe(-500 + 2160);
  await base.advance(43_200_000);
  expect(clock.now_ms() - base.now_ms()).toBe(-500 + 4320 + 3_600_000);
});

test.each([
  { drift_ppm: Number.NaN },
  { drift_ppm: 200_000 },
  { offset_ms: Number.POSITIVE_INFINITY },
  { steps: [{ at_ms: 0, by_ms: Number.NaN }] },
])('refuses the clock error %j', (error) => {
  expect(() => createDriftingClock(systemClock, error)).toThrow(
    expect.objectContaining({ code: 'clock/bad-error' }),
  );
});
