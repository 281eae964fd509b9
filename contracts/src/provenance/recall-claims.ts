// Whether the lot is recalled (docs/formats.md §8, *Recalls*): proven none, proven recalled, or unknown. What is not shown is
// never "none".

import { lotKey } from '../rules/lots/lot.ts';
import { OPEN_RECALLS_KEY, openRecalls, recallKey } from '../rules/recalls/recall.ts';
import type { Claim } from './verdict.ts';
import { partyOf, stateEvidence, type Verified } from './verified.ts';

export function recallClaim(v: Verified): Claim[] {
  const lot = v.lineage.lots.at(-1);
  if (lot === undefined) return [];
  const proven = new Map(v.scopes.map((scope) => [scope.recall.id, scope]));
  const open = openRecalls(v.state);
  const known = v.state.shows(OPEN_RECALLS_KEY) && open.every((id) => proven.has(id));
  const recalls = v.scopes.filter(({ inScope }) => inScope).map(({ recall }) => recall);
  return [
    {
      kind: 'recall',
      grade: known || recalls.length > 0 ? 'proven' : 'unknown',
      evidence: stateEvidence(
        OPEN_RECALLS_KEY,
        ...[...proven.keys()].map(recallKey),
        lotKey(lot.gtin, lot.lot),
      ),
      recalls: recalls
        .map(({ id, level, reason, opener, openedAt }) => ({
          id,
          level,
          reason,
          opener: partyOf(v.state, opener),
          since_ms: openedAt,
        }))
        .sort((a, b) => a.level - b.level || a.since_ms - b.since_ms),
    },
  ];
}
