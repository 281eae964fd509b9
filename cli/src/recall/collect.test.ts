import {
  type CborValue,
  dependentKey,
  type Lot,
  lotKey,
  recallScope,
  type TraceSeed,
} from '@suyuan/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { collectScope, type Prove } from './collect.ts';

const GTIN = '09520000009014';

/** Lots 0 to n-1, each made of some before it; and a prover that answers as an honest node does. */
function world(inputsOf: readonly (readonly number[])[]) {
  const children = inputsOf.map((_, i) =>
    inputsOf.flatMap((inputs, child) => (inputs.includes(i) ? [child] : [])),
  );
  const lots = inputsOf.map((inputs, i) => ({
    ...{ gtin: GTIN, lot: `L${i}`, holder: 'h', left: 1, labelled: 0, batches: 0 },
    inputs: inputs.map((input) => ({ gtin: GTIN, lot: `L${input}`, amount: 1 })),
    dependents: children[i]?.length ?? 0,
  })) as unknown as Lot[];
  const state = new Map<string, CborValue>();
  for (const [i, lot] of lots.entries()) {
    state.set(lotKey(GTIN, lot.lot), lot as unknown as CborValue);
    for (const [n, child] of (children[i] ?? []).entries())
      state.set(dependentKey(GTIN, lot.lot, n), { gtin: GTIN, lot: `L${child}` });
  }
  const prove: Prove = async ({ lot }, direction, onLot) => {
    const start = Number(lot.slice(1));
    const found = new Set([start]);
    for (const i of found)
      for (const next of (direction === 'down' ? children : inputsOf)[i] ?? []) found.add(next);
    for (const i of found) {
      const relation = i === start ? 'seed' : 'other';
      onLot({ relation, lot: lots[i] as Lot });
    }
  };
  return { state: { get: (key: string) => state.get(key) }, prove };
}

const graph = fc
  .array(fc.uniqueArray(fc.nat(20), { maxLength: 3 }), { minLength: 1, maxLength: 20 })
  .map((all) =>
    all.map((inputs, i) => [...new Set(inputs.flatMap((input) => (i === 0 ? [] : [input % i])))]),
  );

describe('a scope out of proven traces', () => {
  test('is the scope that the ledger computes', async () => {
    await fc.assert(
      fc.asyncProperty(
        graph,
        fc.uniqueArray(fc.nat(19), { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        fc.boolean(),
        async (inputsOf, picks, siblings, ancestors) => {
          const { state, prove } = world(inputsOf);
          const numbers = [...new Set(picks.map((pick) => pick % inputsOf.length))];
          const seeds: TraceSeed[] = numbers.map((i) => ({ gtin: GTIN, lot: `L${i}` }));
          const question = { seeds, siblings, ancestors };
          const ours = await collectScope(prove, question);
          expect([...ours.keys()].sort()).toEqual([...recallScope(state, question)].sort());
        },
      ),
      { numRuns: 300 },
    );
  });

  test('is nothing when a trace does not hold', async () => {
    const { prove } = world([[], [0], [0, 1]]);
    const broken: Prove = async (seed, direction, onLot) => {
      await prove(seed, direction, onLot);
      throw new Error('a lot is missing');
    };
    const question = { seeds: [{ gtin: GTIN, lot: 'L0' }], siblings: false, ancestors: false };
    await expect(collectScope(broken, question)).rejects.toThrow('a lot is missing');
  });
});
