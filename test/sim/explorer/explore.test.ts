import { describe, expect, it } from 'vitest';
import { explore } from './explore.ts';
import { MUTATIONS } from './mutants.ts';
import { MUTANT_BOUNDS } from './runs.ts';

describe('every run of four validators, one of them Byzantine', () => {
  it('keeps to one chain over two slots, with equivocation, repeats and restarts', () => {
    const result = explore(MUTANT_BOUNDS);
    expect(result.violations).toEqual([]);
    expect(result.complete).toBe(true);
    expect(result.states).toBeGreaterThan(10_000);
  });

  it('says when its bound was too small', () => {
    const result = explore({ ...MUTANT_BOUNDS, states_max: 1000 });
    expect(result).toMatchObject({ states: 1000, complete: false, violations: [] });
  });

  it('comes to the same whether what only opens ways happens at once or at any time', () => {
    const bounds = { ...MUTANT_BOUNDS, equivocations: 1, repeats: false } as const;
    for (const reduced of [true, false]) {
      const { complete, violations } = explore({ ...bounds, restarts: false, reduced });
      expect({ complete, violations }).toEqual({ complete: true, violations: [] });
    }
  });

  it.each(MUTATIONS)('finds what a mutant costs: $name', (mutation) => {
    const { violations } = explore({ ...MUTANT_BOUNDS, mutation });
    expect(violations.length).toBeGreaterThan(1);
  });
});
