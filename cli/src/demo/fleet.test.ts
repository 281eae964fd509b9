import { describe, expect, test } from 'vitest';
import { orAborted, powered } from './fleet.ts';
import { DAY_MS } from './ids.ts';

const END_MS = 100 * DAY_MS;
const day = (days: number): number => END_MS - days * DAY_MS;

describe('powered', () => {
  const spec = {
    outages: [
      { from_ms: day(20), to_ms: day(18) },
      { from_ms: day(10), to_ms: day(9) },
    ],
  };
  test('without outages it is the stretch itself, and nothing of an empty one', () => {
    expect(powered({}, day(5), day(4))).toEqual([{ from_ms: day(5), to_ms: day(4) }]);
    expect(powered({}, day(4), day(4))).toEqual([]);
    expect(powered({}, day(4), day(5))).toEqual([]);
  });
  test('leaves out the outages within it', () => {
    expect(powered(spec, day(30), day(1))).toEqual([
      { from_ms: day(30), to_ms: day(20) },
      { from_ms: day(18), to_ms: day(10) },
      { from_ms: day(9), to_ms: day(1) },
    ]);
  });
  test('a stretch that begins, ends or lies in an outage', () => {
    expect(powered(spec, day(19), day(17))).toEqual([{ from_ms: day(18), to_ms: day(17) }]);
    expect(powered(spec, day(21), day(19))).toEqual([{ from_ms: day(21), to_ms: day(20) }]);
    expect(powered(spec, day(19.5), day(18.5))).toEqual([]);
    expect(powered(spec, day(20), day(18))).toEqual([]);
  });
});

describe('orAborted', () => {
  const never = new Promise<void>(() => {});
  test('waits for the work, and passes its error on', async () => {
    const { signal } = new AbortController();
    await expect(orAborted(Promise.resolve(), signal)).resolves.toBeUndefined();
    await expect(orAborted(Promise.reject(new Error('full')), signal)).rejects.toThrow('full');
  });
  test('waits no longer than the signal lasts', async () => {
    const controller = new AbortController();
    const waiting = orAborted(never, controller.signal);
    controller.abort();
    await expect(waiting).resolves.toBeUndefined();
    await expect(orAborted(never, controller.signal)).resolves.toBeUndefined();
    await expect(
      orAborted(Promise.reject(new Error('late')), controller.signal),
    ).resolves.toBeUndefined();
  });
});
