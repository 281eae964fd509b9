import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClimateLimit } from '../rules/policies/policy.ts';
import type { CountedReading, Evidenced } from './coverage.ts';
import { excursionsOf, kineticMean_mC } from './excursions.ts';

const HOT: ClimateLimit = {
  quantity: 'temperature',
  above: true,
  limit: 30,
  duration_ms: 10,
  cumulative: false,
  error: 2,
};

/** One device; a reading each 10 ms unless `every` says otherwise, covering 15 ms. */
function evidence(values: readonly (number | null)[], device = 'a', late = false): Evidenced {
  const readings = values.flatMap((value, i): CountedReading[] => {
    if (value === null) return [];
    const time_ms = i * 10;
    return [
      {
        pack: { device: { id: device } },
        reading: { quantity: 'temperature', time_ms, value, late },
        covers: { from_ms: time_ms, to_ms: time_ms + 15 },
      } as CountedReading,
    ];
  });
  return { readings, days: [] };
}

describe('excursions', () => {
  it('need the limit and the error to be passed, for the whole duration', () => {
    expect(excursionsOf(HOT, [evidence([32, 32, 32])])).toMatchObject({
      excursions: 0,
      beyond_ms: 0,
    });
    expect(excursionsOf(HOT, [evidence([33, 32])])).toMatchObject({ excursions: 0 });
    expect(excursionsOf(HOT, [evidence([33, 33, 20, 33, 33, 33])])).toEqual({
      excursions: 2,
      longest_ms: 20,
      beyond_ms: 30,
    });
    const cold = { ...HOT, above: false };
    expect(excursionsOf(cold, [evidence([27, 27])]).excursions).toBe(1);
    expect(excursionsOf(cold, [evidence([28, 28])]).excursions).toBe(0);
  });

  it('end where readings break off, and late ones show nothing', () => {
    expect(excursionsOf(HOT, [evidence([33, null, 33])])).toMatchObject({ excursions: 0 });
    expect(excursionsOf(HOT, [evidence([33, 33, 33], 'a', true)])).toMatchObject({ beyond_ms: 0 });
  });

  it('of a summed duration count once the sum is reached', () => {
    const summed = { ...HOT, duration_ms: 20, cumulative: true };
    expect(excursionsOf(summed, [evidence([33, 33, 20])]).excursions).toBe(0);
    expect(excursionsOf(summed, [evidence([33, 33, 20, 33, 33])]).excursions).toBe(2);
  });

  it('of two devices in one room are one', () => {
    expect(excursionsOf(HOT, [evidence([33, 33, 20]), evidence([33, 33, 33], 'b')])).toEqual({
      excursions: 1,
      longest_ms: 20,
      beyond_ms: 20,
    });
  });

  it('never grow when readings are taken away', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(20, 33), { maxLength: 12 }),
        fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
        (values, kept) => {
          const all = excursionsOf(HOT, [evidence(values)]);
          const some = excursionsOf(HOT, [evidence(values.map((v, i) => (kept[i] ? v : null)))]);
          expect(some.beyond_ms).toBeLessThanOrEqual(all.beyond_ms);
        },
      ),
    );
  });
});

describe('the mean kinetic temperature', () => {
  it('is the temperature itself where it does not change, and above the mean where it does', () => {
    expect(kineticMean_mC([25_000, 25_000])).toBe(25_000);
    expect(kineticMean_mC([20_000, 30_000])).toBeGreaterThan(25_000);
    // Weighed by exp(-10000 K / T), worked out elsewhere: 26.2599 °C.
    expect(kineticMean_mC([20_000, 30_000])).toBe(26_260);
  });
});
