// The age on a label: not below what the product's policy asks, not above what the ledger knows of the lot (docs/formats.md §5).
// Peel of one month that is sold as ten years old ends here.

import { AppError } from '../../errors.ts';
import type { Lot } from '../lots/lot.ts';
import { policyAt } from '../policies/policy.ts';
import type { Product } from '../products/product.ts';
import type { StateReader } from '../types.ts';

/** A twelfth of the mean Gregorian year of 365.2425 days. */
export const MONTH_MS = 2_629_746_000;

/**
 * Throws `labels/too-young` when the youngest of the lot has not aged as long as the policy asks, and `labels/age-beyond-ledger`
 * when the lot claims more months than have passed since its birth on the ledger or in its audit.
 */
export function requireRipe(
  state: StateReader,
  product: Product,
  lot: Pick<Lot, 'born' | 'claimedAge_months'>,
  at: { readonly height: number; readonly time_ms: number },
): void {
  const age_ms = at.time_ms - lot.born;
  const age_months = Math.max(0, Math.floor(age_ms / MONTH_MS));
  const policy =
    product.policy === undefined ? undefined : policyAt(state, product.policy, at.height);
  const least = policy?.ageing_months_min;
  if (policy !== undefined && least !== undefined && age_ms < least * MONTH_MS) {
    throw new AppError(
      'labels/too-young',
      `The lot is ${age_months} months old; its policy asks for ${least}. Let it age on.`,
      { age_months, least, policy: policy.id, version: policy.version },
    );
  }
  const claimed = lot.claimedAge_months;
  if (claimed !== undefined && claimed * MONTH_MS > age_ms) {
    throw new AppError(
      'labels/age-beyond-ledger',
      `The lot claims ${claimed} months and the ledger knows of ${age_months}. Older stock enters by an audited opening balance.`,
      { claimed, age_months },
    );
  }
}
