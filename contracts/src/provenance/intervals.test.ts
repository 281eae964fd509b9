import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  clip,
  cutEach,
  type Interval,
  intersect,
  intervalAt,
  length_ms,
  subtract,
  union,
} from './intervals.ts';

const SIZE = 64;
const interval = fc
  .tuple(fc.nat(SIZE), fc.nat(SIZE))
  .map(([a, b]): Interval => ({ from_ms: a, to_ms: b }));
const intervals = fc.array(interval, { maxLength: 12 });

/** The set as one bit a millisecond. */
function bitmap(set: readonly Interval[]): boolean[] {
  return Array.from({ length: SIZE + 1 }, (_, t) => set.some((i) => i.from_ms <= t && t < i.to_ms));
}

function expectCanonical(set: readonly Interval[]): void {
  set.forEach((i, n) => {
    expect(i.to_ms).toBeGreaterThan(i.from_ms);
    if (n > 0) expect(i.from_ms).toBeGreaterThan((set[n - 1] as Interval).to_ms);
  });
}

describe('intervals, against a bitmap', () => {
  it('union', () => {
    fc.assert(
      fc.property(intervals, (list) => {
        const set = union(list);
        expectCanonical(set);
        expect(bitmap(set)).toEqual(bitmap(list));
        expect(length_ms(set)).toBe(bitmap(list).filter(Boolean).length);
      }),
    );
  });

  it('intersect, subtract and clip', () => {
    fc.assert(
      fc.property(intervals, intervals, fc.nat(SIZE), fc.nat(SIZE), (x, y, from, to) => {
        const [a, b] = [union(x), union(y)];
        const [inA, inB] = [bitmap(a), bitmap(b)];
        expectCanonical(intersect(a, b));
        expectCanonical(subtract(a, b));
        expect(bitmap(intersect(a, b))).toEqual(inA.map((bit, t) => bit && inB[t]));
        expect(bitmap(subtract(a, b))).toEqual(inA.map((bit, t) => bit && !inB[t]));
        expect(bitmap(clip(a, from, to))).toEqual(inA.map((bit, t) => bit && from <= t && t < to));
      }),
    );
  });

  it('cutEach gives each moment to the first item that holds it', () => {
    fc.assert(
      fc.property(intervals, intervals, (x, y) => {
        const items = x
          .filter((i) => i.to_ms > i.from_ms)
          .sort((a, b) => a.from_ms - b.from_ms)
          .map((i, name) => ({ ...i, name }));
        const taken = union(y);
        const parts = cutEach(items, taken);
        for (let t = 0; t <= SIZE; t += 1) {
          const holders = parts.filter((p) => p.from_ms <= t && t < p.to_ms);
          const free = !bitmap(taken)[t];
          const wanted = free ? items.find((i) => i.from_ms <= t && t < i.to_ms)?.name : undefined;
          // Where an earlier item has ended, a later one that began before may still hold the moment.
          expect(holders.map((h) => h.name)).toEqual(wanted === undefined ? [] : [wanted]);
        }
        expect(parts.every((p, i) => i === 0 || p.from_ms >= (parts[i - 1]?.to_ms ?? 0))).toBe(
          true,
        );
      }),
    );
  });

  it('intervalAt', () => {
    fc.assert(
      fc.property(intervals, fc.nat(SIZE), (list, t) => {
        const set = union(list);
        expect(intervalAt(set, t)).toEqual(set.find((i) => i.from_ms <= t && t < i.to_ms));
      }),
    );
  });

  it('stay linear on a hundred thousand', () => {
    const comb = Array.from({ length: 100_000 }, (_, i) => ({ from_ms: 4 * i, to_ms: 4 * i + 2 }));
    const shifted = comb.map((i) => ({ from_ms: i.from_ms + 1, to_ms: i.to_ms + 1 }));
    expect(length_ms(subtract(comb, shifted))).toBe(100_000);
    expect(length_ms(intersect(comb, shifted))).toBe(100_000);
    expect(length_ms(cutEach(comb, shifted))).toBe(100_000);
    expect(subtract([{ from_ms: 0, to_ms: 400_000 }], comb)).toHaveLength(100_000);
  });
});
