import { createHash } from 'node:crypto';
import {
  type Hash,
  lotKey,
  OPEN_RECALLS_KEY,
  recallKey,
  scopeTree,
  verifyInScope,
  verifyNotInScope,
} from '@suyuan/contracts';
import { describe, expect, it } from 'vitest';
import { createScopeTrees } from '../recalls/scope-trees.ts';
import { createScopeProver } from './scopes.ts';

const sha256: Hash = (data) => new Uint8Array(createHash('sha256').update(data).digest());
const key = (lot: string) => lotKey('06901234500004', lot);

/** Recalls by id, each with the lots in its scope. */
function world(recalls: Readonly<Record<string, readonly string[]>>, marks = recalls) {
  const values = new Map<string, unknown>([[OPEN_RECALLS_KEY, Object.keys(recalls)]]);
  for (const [id, lots] of Object.entries(recalls)) {
    values.set(recallKey(id), { scope: { root: scopeTree(sha256, lots).root } });
  }
  let read = 0;
  const trees = createScopeTrees(sha256, (recall) => {
    read += 1;
    return marks[recall] ?? [];
  });
  const prover = createScopeProver(sha256, trees);
  const prove = (lot: string) => prover.prove({ get: (k) => values.get(k) as never }, key(lot));
  const rootOf = (id: string) => scopeTree(sha256, recalls[id] ?? []).root;
  return { prove, rootOf, reads: () => read };
}

describe('proofs of scope', () => {
  it('say of each open recall whether it holds the lot, ascending', () => {
    const { prove, rootOf } = world({ 'R/2': [key('A'), key('B')], R1: [key('C')] });
    for (const [lot, inside] of [
      ['A', ['R/2']],
      ['C', ['R1']],
      ['D', []],
    ] as const) {
      const proofs = prove(lot);
      expect(proofs.map(({ recall }) => recall)).toEqual(['R/2', 'R1']);
      expect(proofs.filter((p) => p.inScope).map(({ recall }) => recall)).toEqual(inside);
      for (const { recall, inScope, proof } of proofs) {
        (inScope ? verifyInScope : verifyNotInScope)(sha256, rootOf(recall), key(lot), proof);
      }
    }
  });

  it('are made from a tree that is built once', () => {
    const { prove, reads } = world({ R1: [key('A')] });
    prove('A');
    prove('B');
    expect(reads()).toBe(1);
  });

  it('are not given from marks that do not add up to the root', () => {
    const { prove } = world({ R1: [key('A')] }, { R1: [key('B')] });
    expect(prove('A')).toEqual([]);
  });

  it('are none where nothing is recalled', () => {
    expect(world({}).prove('A')).toEqual([]);
  });
});
