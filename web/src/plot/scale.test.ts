import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, YEAR_MS } from '../format/duration.ts';
import { niceTicks, timeTicks } from './scale.ts';

test('value ticks enclose the data with round numbers', () => {
  expect(niceTicks(15.2, 31.4, 4)).toEqual([15, 20, 25, 30, 35]);
  fc.assert(
    fc.property(
      fc.double({ min: -1e5, max: 1e5, noNaN: true }),
      fc.double({ min: 1e-3, max: 1e5, noNaN: true }),
      (low, span) => {
        const ticks = niceTicks(low, low + span, 4);
        expect(ticks.length).toBeGreaterThanOrEqual(2);
        expect(ticks.length).toBeLessThanOrEqual(7);
        expect(ticks[0]).toBeLessThanOrEqual(low + span * 1e-6);
        expect(ticks.at(-1)).toBeGreaterThanOrEqual(low + span - span * 1e-6);
      },
    ),
  );
});

test.each([HOUR_MS, 2 * DAY_MS, 30 * DAY_MS, 69 * DAY_MS, 71 * DAY_MS, YEAR_MS, 30 * YEAR_MS])(
  'time ticks over %i ms are few, ascending and inside',
  (span_ms) => {
    const from_ms = Date.UTC(2023, 9, 11, 2, 7);
    const ticks = timeTicks(from_ms, from_ms + span_ms, 6, 'zh');
    expect(ticks.length).toBeLessThanOrEqual(8);
    if (span_ms > HOUR_MS) expect(ticks.length).toBeGreaterThanOrEqual(2);
    for (const [i, tick] of ticks.entries()) {
      expect(tick.time_ms).toBeGreaterThanOrEqual(from_ms);
      expect(tick.time_ms).toBeLessThanOrEqual(from_ms + span_ms);
      if (i > 0) expect(tick.time_ms).toBeGreaterThan(ticks[i - 1]?.time_ms ?? 0);
    }
  },
);

test('no span, no ticks', () => {
  expect(timeTicks(5, 5, 6, 'en')).toEqual([]);
});
