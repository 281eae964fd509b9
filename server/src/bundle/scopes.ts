// Proofs that a lot is in the scope of an open recall, or is not. A scope never changes once it is written, so its tree is kept.

import {
  bytesToHex,
  getRecall,
  type Hash,
  openRecalls,
  type ScopeProof,
  type ScopeTree,
  type StateReader,
  scopeTree,
  statePath,
} from '@suyuan/contracts';

/** Lots in the trees that are kept, about 300 bytes each: a few of the largest scopes, or hundreds of usual ones. */
const LOTS_KEPT_MAX = 300_000;

const NOWHERE = new Uint8Array();

export interface ScopeProver {
  /** One proof for each open recall, ascending by its id. */
  prove(state: StateReader, lotKey: string): ScopeProof[];
}

/** `lotsOf` gives the `lots/…` keys in the scope of a recall. */
export function createScopeProver(
  hash: Hash,
  lotsOf: (recall: string) => readonly string[],
): ScopeProver {
  const kept = new Map<string, { readonly tree: ScopeTree; readonly lots: number }>();
  let lots_kept = 0;

  function treeOf(recall: string, root: Uint8Array): ScopeTree | undefined {
    const name = `${recall} ${bytesToHex(root)}`;
    const known = kept.get(name);
    if (known !== undefined) {
      kept.delete(name);
      kept.set(name, known);
      return known.tree;
    }
    const lots = lotsOf(recall);
    const tree = scopeTree(hash, lots);
    // Marks that do not add up to the root prove nothing: the page says that it does not know.
    if (bytesToHex(tree.root) !== bytesToHex(root)) return undefined;
    kept.set(name, { tree, lots: lots.length });
    lots_kept += lots.length;
    for (const [oldest, { lots: count }] of kept) {
      if (lots_kept <= LOTS_KEPT_MAX || oldest === name) break;
      kept.delete(oldest);
      lots_kept -= count;
    }
    return tree;
  }

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
