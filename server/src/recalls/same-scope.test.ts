// The ledger's rule and the trace index answer alike: the one decides, the other is asked by people.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CborValue, dependentKey, lotKey, recallScope } from '@suyuan/contracts';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openStateDatabase } from '../storage/database.ts';
import { editIndex, lotCountWrite } from '../storage/trace-index.ts';
import { scopeOf } from '../trace/scope.ts';

const GTIN = '06901234567892';
const ref = (i: number) => ({ gtin: GTIN, lot: `L/${i}` });

/** Each lot's inputs among the lots before it. */
const genealogy = fc
  .array(fc.array(fc.nat(1_000), { maxLength: 3 }), { minLength: 1, maxLength: 30 })
  .map((lists) => lists.map((list, i) => (i === 0 ? [] : [...new Set(list.map((n) => n % i))])));

function lotsOf(parents: readonly (readonly number[])[]) {
  return parents.map((inputs, i) => ({
    ...ref(i),
    made: 1,
    place: '6901234567892',
    maker: 'grower',
    moves: [],
    inputs: inputs.map((input) => ({ ...ref(input), amount: 1 })),
    dependents: parents.filter((others) => others.includes(i)).length,
  }));
}

function stateOf(parents: readonly (readonly number[])[]) {
  const state = new Map<string, CborValue>();
  for (const lot of lotsOf(parents)) state.set(lotKey(lot.gtin, lot.lot), lot);
  const next = new Map<number, number>();
  parents.forEach((inputs, i) => {
    for (const input of inputs) {
      const n = next.get(input) ?? 0;
      next.set(input, n + 1);
      state.set(dependentKey(GTIN, ref(input).lot, n), { ...ref(i), amount: 1 });
    }
  });
  return { get: (key: string) => state.get(key) };
}

it('scopes by the rule and by the index are the same', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'suyuan-scopes-'));
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(1_000_000),
        genealogy,
        fc.array(fc.nat(1_000), { minLength: 1, maxLength: 3 }),
        fc.record({ siblings: fc.boolean(), ancestors: fc.boolean() }),
        async (name, parents, picks, how) => {
          const path = join(directory, `${name}`);
          await rm(path, { recursive: true, force: true });
          const db = await openStateDatabase(path);
          try {
            await db.write([lotCountWrite(0)]);
            const index = editIndex(db);
            for (const lot of lotsOf(parents)) index.add(lot);
            await db.write(index.writes());
            const seeds = [...new Set(picks.map((n) => n % parents.length))].map(ref);
            const byIndex = [...scopeOf(db, seeds, how)].map(({ gtin, lot }) => lotKey(gtin, lot));
            const byRule = recallScope(stateOf(parents), { seeds, ...how });
            expect(byIndex.sort()).toEqual(byRule.sort());
          } finally {
            await db.close();
          }
        },
      ),
      { numRuns: 40 },
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
