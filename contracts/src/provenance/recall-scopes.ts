// Whether the scanned lot is in the scope of an open recall, proven against the Merkle root that the recall's record commits to
// (docs/formats.md §8, step 8).

import type { Hash } from '../crypto/types.ts';
import { AppError } from '../errors.ts';
import { lotKey } from '../rules/lots/lot.ts';
import { getRecall, openRecalls, type Recall } from '../rules/recalls/recall.ts';
import { verifyInScope, verifyNotInScope } from '../rules/recalls/scope-tree.ts';
import type { Bundle } from './bundle.ts';
import type { ProvenState } from './proven-state.ts';

export interface RecallScope {
  readonly recall: Recall;
  readonly inScope: boolean;
}

/** Returns the scopes that the bundle proves. Throws `bundle/bad-scopes` or `state-proof/*`. */
export function verifyScopes(
  hash: Hash,
  state: ProvenState,
  { link, scopes }: Pick<Bundle, 'link' | 'scopes'>,
): RecallScope[] {
  let last = '';
  const open = openRecalls(state);
  return scopes.map(({ recall: id, inScope, proof }) => {
    const recall = getRecall(state, id);
    if (link.lot === undefined || id <= last || !open.includes(id) || recall === undefined) {
      throw new AppError(
        'bundle/bad-scopes',
        'A scope is of no open recall that the bundle shows, or out of order; fetch the bundle again.',
        { recall: id },
      );
    }
    last = id;
    const key = lotKey(link.gtin, link.lot);
    (inScope ? verifyInScope : verifyNotInScope)(hash, recall.scope.root, key, proof);
    return { recall, inScope };
  });
}
