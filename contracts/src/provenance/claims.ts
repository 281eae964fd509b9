// From what was verified to what may be said of it: each claim with its grade and its evidence. Nothing is said here that a
// step before did not check.

import { climateClaims, limitClaims } from './climate-claims.ts';
import {
  ageingClaims,
  devicesClaim,
  freshnessClaim,
  noteClaims,
  spotCheckClaim,
} from './evidence-claims.ts';
import { disputeClaims, originClaims, quotaClaims } from './origin-claims.ts';
import { policyClaim } from './policy-claims.ts';
import { recallClaim } from './recall-claims.ts';
import type { RecordedStay } from './recorded-stays.ts';
import { ageClaim, documentClaims, labelClaim, massClaim } from './trade-claims.ts';
import type { Claim } from './verdict.ts';
import type { Verified } from './verified.ts';

/** All claims, the most asked for first: what warns of the lot before what speaks for it. */
export function claimsOf(v: Verified, recorded: readonly RecordedStay[]): Claim[] {
  return [
    ...recallClaim(v),
    ...disputeClaims(v),
    ...labelClaim(v),
    ...massClaim(v),
    ...originClaims(v),
    ...quotaClaims(v),
    ...policyClaim(v),
    ...ageClaim(v),
    ...ageingClaims(v, recorded),
    ...spotCheckClaim(v),
    ...climateClaims(v),
    ...limitClaims(v, recorded),
    ...documentClaims(v),
    ...devicesClaim(v, recorded),
    ...noteClaims(v),
    freshnessClaim(v),
  ];
}
