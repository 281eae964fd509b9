import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { portableCrypto } from '../../crypto/portable.ts';
import { encodeCbor } from '../../encoding/cbor.ts';
import { EMPTY_SUBTREE, statePath, stateValueHash } from '../../merkle/state-node.ts';
import { updateStateTree } from '../../merkle/state-tree.ts';
import { genealogyQuery, genealogyState, slowScope } from '../testing/genealogy.ts';
import { countedReader, recallScope } from './scope.ts';
import {
  scopeRoot,
  scopeTree,
  scopeTreeSteps,
  verifyInScope,
  verifyNotInScope,
} from './scope-tree.ts';

const hash = portableCrypto.hash('sha256');
const coded = (code: string) => expect.objectContaining({ code });

/** Each lot's inputs among the lots before it. */
const genealogy = fc
  .array(fc.array(fc.nat(1_000), { maxLength: 3 }), { minLength: 1, maxLength: 24 })
  .map((lists) => lists.map((list, i) => (i === 0 ? [] : [...new Set(list.map((n) => n % i))])));
const options = fc.record({ siblings: fc.boolean(), ancestors: fc.boolean() });

describe('the scope of a recall', () => {
  it('is that of the definition, on random genealogies', () => {
    fc.assert(
      fc.property(
        genealogy,
        fc.array(fc.nat(1_000), { minLength: 1, maxLength: 3 }),
        options,
        (parents, picks, how) => {
          const seeds = [...new Set(picks.map((n) => n % parents.length))];
          const visited: string[] = [];
          const scope = recallScope(genealogyState(parents), genealogyQuery(seeds, how), {
            visit: (lot) => visited.push(`lots/${lot.gtin}/${encodeURIComponent(lot.lot)}`),
          });
          expect(new Set(scope)).toEqual(slowScope(parents, seeds, how));
          expect(new Set(scope).size).toBe(scope.length);
          expect([...visited].sort()).toEqual([...scope].sort());
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is bounded in lots and in entries read', () => {
    const chain = Array.from({ length: 50 }, (_, i) => (i === 0 ? [] : [i - 1]));
    const state = genealogyState(chain);
    const query = genealogyQuery([0], { siblings: false, ancestors: false });
    expect(recallScope(state, query, { lots_max: 50 })).toHaveLength(50);
    expect(() => recallScope(state, query, { lots_max: 49 })).toThrow(
      coded('recalls/scope-too-large'),
    );
    const up = genealogyQuery([49], { siblings: false, ancestors: true });
    expect(() => recallScope(state, up, { lots_max: 49 })).toThrow(
      coded('recalls/scope-too-large'),
    );
    expect(recallScope(state, up, { lots_max: 50 })).toHaveLength(50);
    const reader = countedReader({ get: () => 0 });
    expect(() => {
      for (let i = 0; i <= 1_000_000; i++) reader.get('k');
    }).toThrow(coded('recalls/scope-too-large'));
  });

  it('counts every lot for its hashing too, wherever it is walked', () => {
    const chain = Array.from({ length: 50 }, (_, i) => (i === 0 ? [] : [i - 1]));
    let charged = 0;
    const state = {
      ...genealogyState(chain),
      charge: (more: number) => {
        charged += more;
      },
    };
    const both = genealogyQuery([25], { siblings: false, ancestors: true });
    expect(recallScope(countedReader(state), both)).toHaveLength(50);
    expect(charged).toBe(50 * 6);
    const reader = countedReader({ get: () => 0 });
    expect(() => reader.charge?.(1_000_001)).toThrow(coded('recalls/scope-too-large'));
  });

  it('counts a lot that is both above and below once', () => {
    // 0 → 1 → 2, seeds 0 and 2: lot 1 is a descendant of the one and an ancestor of the other.
    const parents = [[], [0], [1]];
    const query = genealogyQuery([0, 2], { siblings: false, ancestors: true });
    expect(recallScope(genealogyState(parents), query, { lots_max: 3 })).toHaveLength(3);
  });

  it('of a lot that does not exist is refused', () => {
    const query = genealogyQuery([7], { siblings: false, ancestors: false });
    expect(() => recallScope(genealogyState([[]]), query)).toThrow(coded('lots/unknown'));
  });
});

describe('the tree of a scope', () => {
  const key = fc.stringMatching(/^lots\/[0-9]{14}\/[A-Z0-9]{1,6}$/);

  it('is the state tree over its keys, each with the value true', () => {
    fc.assert(
      fc.property(fc.uniqueArray(key, { maxLength: 40 }), (keys) => {
        const valueHash = stateValueHash(hash, encodeCbor(true));
        const changes = keys.map((k) => ({ path: statePath(hash, k), valueHash }));
        const { root } = updateStateTree(hash, () => undefined, changes);
        expect(scopeRoot(hash, keys)).toEqual(root);
      }),
      { numRuns: 60 },
    );
    expect(scopeRoot(hash, [])).toEqual(EMPTY_SUBTREE);
  });

  it('is built in small steps', () => {
    const keys = Array.from({ length: 5_000 }, (_, i) => `lots/06901234500004/${i}`);
    const steps = scopeTreeSteps(hash, keys);
    let count = 0;
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) count += 1;
    expect(count).toBeGreaterThan(15);
    expect(step.value.root).toEqual(scopeRoot(hash, [...keys].reverse()));
    verifyInScope(hash, step.value.root, keys[77]!, step.value.prove(keys[77]!));
  });

  it('proves every lot in it and every lot outside, and never the other way', () => {
    fc.assert(
      fc.property(fc.uniqueArray(key, { minLength: 1, maxLength: 40 }), (keys) => {
        const outside = keys.filter((_, i) => i % 3 === 0);
        const inside = keys.filter((_, i) => i % 3 !== 0);
        const tree = scopeTree(hash, inside);
        for (const k of inside) {
          verifyInScope(hash, tree.root, k, tree.prove(k));
          expect(() => verifyNotInScope(hash, tree.root, k, tree.prove(k))).toThrow(
            coded('state-proof/not-absent'),
          );
        }
        for (const k of outside) {
          verifyNotInScope(hash, tree.root, k, tree.prove(k));
          expect(() => verifyInScope(hash, tree.root, k, tree.prove(k))).toThrow(
            coded('state-proof/wrong-leaf'),
          );
        }
      }),
      { numRuns: 40 },
    );
  });
});
