// The record of a quota: what one plot may yield of one product in one season (docs/formats.md §5).

import type { CborObject, CborValue } from '../../encoding/types.ts';
import { AppError } from '../../errors.ts';
import type { PolicyRef } from '../policies/policy.ts';
import type { StateReader, StateWrite } from '../types.ts';

export interface Quota {
  readonly gln: string;
  readonly gtin: string;
  /** `2025`, or `2025-1` where a year has several. */
  readonly season: string;
  /** Time of harvest it covers, half open. */
  readonly from: number;
  readonly to: number;
  readonly granted: number;
  readonly drawn: number;
  /** The limit per mu that the grant was held against. */
  readonly policy?: PolicyRef;
  readonly by: string;
  readonly tx: Uint8Array;
}

export function quotaKey(gln: string, gtin: string, season: string): string {
  return `quotas/${gln}/${gtin}/${season}`;
}

/** Where the seasons of the quotas of a plot and product stand, oldest first; absent: none. */
export function quotaListKey(gln: string, gtin: string): string {
  return `quota-list/${gln}/${gtin}`;
}

export function getQuotaSeasons(state: StateReader, gln: string, gtin: string): readonly string[] {
  return (state.get(quotaListKey(gln, gtin)) as string[] | undefined) ?? [];
}

/** A value that the rules wrote, as its type: only for values from a certified state. */
export function toQuota(value: CborValue): Quota {
  return value as unknown as Quota;
}

export function getQuota(
  state: StateReader,
  gln: string,
  gtin: string,
  season: string,
): Quota | undefined {
  const value = state.get(quotaKey(gln, gtin, season));
  return value === undefined ? undefined : toQuota(value);
}

export function quotaWrite(quota: Quota): StateWrite {
  return {
    key: quotaKey(quota.gln, quota.gtin, quota.season),
    value: quota as unknown as CborObject,
  };
}

/**
 * The write that draws `amount` on the quota of a plot for a harvest at `time_ms`. Throws `quotas/none`, `quotas/out-of-season`, or
 * `quotas/exceeded` naming what is left.
 */
export function drawQuota(
  state: StateReader,
  plot: { readonly gln: string; readonly gtin: string; readonly season: string },
  amount: number,
  time_ms: number,
): StateWrite {
  const quota = getQuota(state, plot.gln, plot.gtin, plot.season);
  if (quota === undefined) {
    throw new AppError(
      'quotas/none',
      'The plot has no quota for this product and season; ask the association.',
      { gln: plot.gln, gtin: plot.gtin, season: plot.season },
    );
  }
  if (time_ms < quota.from || time_ms >= quota.to) {
    throw new AppError(
      'quotas/out-of-season',
      'The harvest lies outside the season of the quota.',
      {
        from: quota.from,
        to: quota.to,
      },
    );
  }
  const left = quota.granted - quota.drawn;
  if (amount > left) {
    throw new AppError(
      'quotas/exceeded',
      `The quota has ${left} g left of ${quota.granted} g, not ${amount} g.`,
      { left, granted: quota.granted, asked: amount },
    );
  }
  return quotaWrite({ ...quota, drawn: quota.drawn + amount });
}
