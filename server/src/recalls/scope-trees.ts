// The trees behind the roots of recalls, for proofs. A scope never changes once it is written, so its tree is kept.

import { type Hash, type ScopeTree, scopeTree } from '@suyuan/contracts';
import { Lru } from '../bundle/lru.ts';

/** Of the largest scope a tree takes some 40 MB. */
const TREES_KEPT = 4;

/** `lotsOf` gives the `lots/…` keys in the scope of a recall. */
export function createScopeTrees(
  hash: Hash,
  lotsOf: (recall: string) => readonly string[],
): (recall: string) => ScopeTree {
  const kept = new Lru<ScopeTree>(TREES_KEPT);
  return (recall) => {
    const tree = kept.get(recall) ?? scopeTree(hash, lotsOf(recall));
    kept.set(recall, tree);
    return tree;
  };
}
