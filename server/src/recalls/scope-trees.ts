// The trees behind the roots of recalls, for proofs. A scope never changes once it is written, so its tree is kept: one for the
// bundles of phones and for the doors of recalls alike.

import { bytesToHex, type Hash, type ScopeTree, scopeTree } from '@suyuan/contracts';

/** Lots in the trees that are kept, about 300 bytes each: a few of the largest scopes, or hundreds of usual ones. */
const LOTS_KEPT_MAX = 300_000;

/** The tree of a recall's scope; undefined where the marks do not add up to its root, for then they prove nothing. */
export type ScopeTrees = (recall: string, root: Uint8Array) => ScopeTree | undefined;

/** `lotsOf` gives the `lots/…` keys in the scope of a recall. */
export function createScopeTrees(
  hash: Hash,
  lotsOf: (recall: string) => readonly string[],
): ScopeTrees {
  const kept = new Map<string, { readonly tree: ScopeTree; readonly lots: number }>();
  let lots_kept = 0;

  return (recall, root) => {
    const name = `${recall} ${bytesToHex(root)}`;
    const known = kept.get(name);
    if (known !== undefined) {
      kept.delete(name);
      kept.set(name, known);
      return known.tree;
    }
    const lots = lotsOf(recall);
    const tree = scopeTree(hash, lots);
    if (bytesToHex(tree.root) !== bytesToHex(root)) return undefined;
    kept.set(name, { tree, lots: lots.length });
    lots_kept += lots.length;
    for (const [oldest, { lots: count }] of kept) {
      if (lots_kept <= LOTS_KEPT_MAX || oldest === name) break;
      kept.delete(oldest);
      lots_kept -= count;
    }
    return tree;
  };
}
