import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SeriesPoint } from '../verify/types.ts';
import { binAt, binPoints, runsOf } from './bins.ts';

const point = (
  from_ms: number,
  to_ms: number,
  mean: number,
  grade: SeriesPoint['grade'] = 'attested',
): SeriesPoint => ({ from_ms, to_ms, min: mean - 1, max: mean + 1, mean, grade });

describe('binPoints', () => {
  test('nothing in, nothing out', () => {
    expect(binPoints([], 100, 0)).toEqual([]);
  });

  test('minimum and maximum survive, the mean is weighted by time', () => {
    const bins = binPoints([point(0, 10, 0), point(10, 40, 40)], 1, 0);
    expect(bins).toEqual([
      { from_ms: 0, to_ms: 40, min: -1, max: 41, mean: 30, grade: 'attested' },
    ]);
  });

  test('a hole is never bridged, however few the columns', () => {
    const bins = binPoints([point(0, 10, 1), point(30, 40, 1)], 1, 5);
    expect(bins).toHaveLength(2);
    expect(runsOf(bins, 5)).toHaveLength(2);
    expect(binAt(bins, 20)).toBeNull();
    expect(binAt(bins, 30)?.from_ms).toBe(30);
  });

  test('proven and attested in one column are neither', () => {
    const bins = binPoints([point(0, 10, 1, 'proven'), point(10, 20, 1)], 1, 0);
    expect(bins.map((bin) => bin.grade)).toEqual(['mixed']);
  });

  const series = fc
    .array(
      fc.record({
        length: fc.integer({ min: 1, max: 50 }),
        hole: fc.integer({ min: 0, max: 30 }),
        value: fc.integer({ min: -90_000, max: 150_000 }),
        proven: fc.boolean(),
      }),
      { minLength: 1, maxLength: 200 },
    )
    .map((steps) => {
      let at = 0;
      return steps.map(({ length, hole, value, proven }) => {
        const from_ms = at + hole;
        at = from_ms + length;
        return point(from_ms, at, value, proven ? 'proven' : 'attested');
      });
    });

  test('bins hold every point once and keep its extremes', () => {
    fc.assert(
      fc.property(series, fc.integer({ min: 1, max: 80 }), (points, columns) => {
        const tolerance_ms = 10;
        const bins = binPoints(points, columns, tolerance_ms);
        for (const each of points) {
          const bin = binAt(bins, each.from_ms);
          expect(bin).not.toBeNull();
          expect(bin?.to_ms).toBeGreaterThanOrEqual(each.to_ms);
          expect(bin?.min).toBeLessThanOrEqual(each.min);
          expect(bin?.max).toBeGreaterThanOrEqual(each.max);
        }
        const holes = points.filter((each, i) => {
          const previous = points[i - 1];
          return previous !== undefined && each.from_ms - previous.to_ms > tolerance_ms;
        });
        expect(runsOf(bins, tolerance_ms)).toHaveLength(holes.length + 1);
        expect(bins.length).toBeLessThanOrEqual(2 * columns + holes.length + 2);
      }),
    );
  });
});
