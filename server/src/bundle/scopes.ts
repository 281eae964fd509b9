// Proofs that a lot is in the scope of an open recall, or is not.

import {
  bytesToHex,
  getRecall,
  type Hash,
  openRecalls,
  type ScopeProof,
  type StateReader,
  statePath,
} from '@suyuan/contracts';
import type { ScopeTrees } from '../recalls/scope-trees.ts';

const NOWHERE = new Uint8Array();

export interface ScopeProver {
  /** One proof for each open recall, ascending by its id. */
  prove(state: StateReader, lotKey: string): ScopeProof[];
}

export function createScopeProver(hash: Hash, treeOf: ScopeTrees): ScopeProver {
  return {
    prove(state, lotKey) {
      return [...openRecalls(state)].sort().flatMap((recall) => {
        const root = getRecall(state, recall)?.scope.root;
        const tree = root && treeOf(recall, root);
        if (tree === undefined) return [];
        const proof = tree.prove(lotKey);
        const inScope =
          bytesToHex(proof.leaf?.path ?? NOWHERE) === bytesToHex(statePath(hash, lotKey));
        return [{ recall, inScope, proof }];
      });
    },
  };
}
