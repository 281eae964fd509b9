import { describe, expect, it } from 'vitest';
import { LABEL_BATCH_UNITS_MAX } from '../limits.ts';
import { isQuantity, QUANTITIES } from './quantities.ts';

describe('quantities', () => {
  it('are the four of the formats and nothing that an object happens to have', () => {
    expect(Object.keys(QUANTITIES).sort()).toEqual(['battery', 'humidity', 'mass', 'temperature']);
    for (const name of ['constructor', '__proto__', 'toString', '', 'Temperature', 'pressure'])
      expect(isQuantity(name)).toBe(false);
  });

  it('keep a million values of a day exact when summed', () => {
    for (const { min, max } of Object.values(QUANTITIES)) {
      expect(min).toBeLessThan(max);
      expect(Number.isSafeInteger(max * LABEL_BATCH_UNITS_MAX * 86)).toBe(true);
    }
  });
});
