// Random genealogies of lots as state, with the scope worked out the slow way beside the rule's.

import type { CborValue } from '../../encoding/types.ts';
import { dependentKey, lotKey } from '../lots/lot.ts';
import type { ScopeQuery } from '../recalls/scope.ts';
import type { StateReader } from '../types.ts';
import { GTIN } from './trade.ts';

/** `parents[i]` are the inputs of lot `i`, all below `i`. */
export function genealogyState(parents: readonly (readonly number[])[]): StateReader {
  const state = new Map<string, CborValue>();
  const dependents = parents.map(() => 0);
  const ref = (i: number) => ({ gtin: GTIN, lot: `L/${i}` });
  parents.forEach((inputs, i) => {
    for (const input of inputs) {
      const n = dependents[input] ?? 0;
      dependents[input] = n + 1;
      state.set(dependentKey(GTIN, `L/${input}`, n), { ...ref(i), amount: 1 });
    }
  });
  parents.forEach((inputs, i) => {
    state.set(lotKey(GTIN, `L/${i}`), {
      ...ref(i),
      holder: `h${i % 5}`,
      maker: 'coop',
      left: i,
      inputs: inputs.map((input) => ({ ...ref(input), amount: 1 })),
      dependents: dependents[i] ?? 0,
      batches: 0,
    });
  });
  return { get: (key) => state.get(key) };
}

export function genealogyQuery(
  seeds: readonly number[],
  options: { readonly siblings: boolean; readonly ancestors: boolean },
): ScopeQuery {
  return { seeds: seeds.map((i) => ({ gtin: GTIN, lot: `L/${i}` })), ...options };
}

/** The keys in scope by the words of docs/formats.md §5, each lot asked whether it is reached. */
export function slowScope(
  parents: readonly (readonly number[])[],
  seeds: readonly number[],
  { siblings, ancestors }: { readonly siblings: boolean; readonly ancestors: boolean },
): Set<string> {
  const isAncestor = (a: number, of: number): boolean =>
    (parents[of] ?? []).some((parent) => parent === a || isAncestor(a, parent));
  const inputsOfSeeds = seeds.flatMap((seed) => parents[seed] ?? []);
  const begins = (i: number): boolean =>
    seeds.includes(i) ||
    (siblings && (parents[i] ?? []).some((input) => inputsOfSeeds.includes(input)));
  const lots = parents.map((_, i) => i);
  const starts = lots.filter(begins);
  const scoped = lots.filter(
    (i) =>
      begins(i) ||
      starts.some((start) => isAncestor(start, i)) ||
      (ancestors && seeds.some((seed) => isAncestor(i, seed))),
  );
  return new Set(scoped.map((i) => lotKey(GTIN, `L/${i}`)));
}
