// quotas: what a plot may yield in a season, granted within what the policy allows its area (docs/formats.md §5). Harvests and
// purchases draw on it.

import { AppError } from '../../errors.ts';
import { QUOTA_SEASONS_MAX, SEASON_MS_MAX } from '../../limits.ts';
import { daysFromCivil } from '../../provenance/calendar.ts';
import { ADMITTING_ROLES, hasRole, requireRole } from '../permissions.ts';
import { type Place, requirePlace } from '../places/place.ts';
import { type Policy, policyAt, policyRef } from '../policies/policy.ts';
import { getMark, type Product, requireProduct } from '../products/product.ts';
import { Amount, Closed, Gln, Gtin, Season, Time_ms } from '../schema.ts';
import { defineAction, type RuleContext, type RuleModule, type StateReader } from '../types.ts';
import { getQuota, getQuotaSeasons, type Quota, quotaListKey, quotaWrite } from './quota.ts';

const DAY_MS = 86_400_000;
const CST_OFFSET_MS = 8 * 3_600_000;

/** Under a mark its steward answers for quotas; else whoever admits. */
function requireGrantor(state: StateReader, product: Product, ctx: RuleContext): void {
  requireRole(ctx, ADMITTING_ROLES);
  const steward = product.mark === undefined ? undefined : getMark(state, product.mark)?.steward;
  if (steward !== undefined && ctx.signer.id !== steward && !hasRole(ctx.signer, ['regulator'])) {
    throw new AppError('quotas/not-steward', `Only ${steward} or a regulator grants this quota.`);
  }
}

/** What the policy allows the plot in a season, in grams. Throws `quotas/no-area`. */
function allowed(plot: Place, policy: Policy | undefined): bigint | undefined {
  if (policy?.quota_g_per_mu === undefined) return undefined;
  if (plot.area_mmu === undefined) {
    throw new AppError('quotas/no-area', 'The plot is registered without its area.', {
      gln: plot.gln,
    });
  }
  return (BigInt(plot.area_mmu) * BigInt(policy.quota_g_per_mu)) / 1000n;
}

/** Whether a time lies in a year of China Standard Time. */
function liesIn(year: number, time_ms: number): boolean {
  const day = Math.floor((time_ms + CST_OFFSET_MS) / DAY_MS);
  return daysFromCivil(year, 1, 1) <= day && day < daysFromCivil(year + 1, 1, 1);
}

/** What the other seasons' quotas grant that share a time with this one: the area is there once. */
function grantedBeside(
  state: StateReader,
  { gln, gtin, from, to }: Pick<Quota, 'gln' | 'gtin' | 'from' | 'to'>,
  seasons: readonly string[],
): bigint {
  let sum = 0n;
  for (const season of seasons) {
    const quota = getQuota(state, gln, gtin, season);
    if (quota !== undefined && quota.from < to && from < quota.to) sum += BigInt(quota.granted);
  }
  return sum;
}

/** Grants a quota or sets it anew; never below what was drawn. */
const grant = defineAction(
  Closed({
    gln: Gln,
    gtin: Gtin,
    season: Season,
    from: Time_ms,
    to: Time_ms,
    amount: Amount,
  }),
  (state, p, ctx) => {
    const product = requireProduct(state, p.gtin);
    requireGrantor(state, product, ctx);
    const plot = requirePlace(state, p.gln);
    if (plot.kind !== 'plot') {
      throw new AppError('quotas/not-a-plot', 'A quota belongs to a plot.', { gln: p.gln });
    }
    if (p.to <= p.from || p.to - p.from > SEASON_MS_MAX) {
      throw new AppError(
        'quotas/bad-period',
        'A season lasts at most a year and ends after it begins.',
      );
    }
    if (!liesIn(Number(p.season.slice(0, 4)), p.from)) {
      throw new AppError(
        'quotas/other-year',
        'A season is named after the year in which it begins, China Standard Time.',
        { season: p.season, from: p.from },
      );
    }
    const policy =
      product.policy === undefined ? undefined : policyAt(state, product.policy, ctx.height);
    const most = allowed(plot, policy);
    const seasons = getQuotaSeasons(state, p.gln, p.gtin);
    const others = seasons.filter((season) => season !== p.season);
    if (others.length >= QUOTA_SEASONS_MAX) {
      throw new AppError(
        'quotas/too-many-seasons',
        `A plot has quotas for at most ${QUOTA_SEASONS_MAX} seasons of a product.`,
        { gln: p.gln, gtin: p.gtin },
      );
    }
    const beside = grantedBeside(state, p, others);
    if (most !== undefined && BigInt(p.amount) + beside > most) {
      const rest = most > beside ? most - beside : 0n;
      throw new AppError(
        'quotas/beyond-area',
        `The plot's area allows ${most} g at a time, ${rest} g beside its other quotas of this time.`,
        { most: Number(rest) },
      );
    }
    const before = getQuota(state, p.gln, p.gtin, p.season);
    const drawn = before?.drawn ?? 0;
    if (p.amount < drawn) {
      throw new AppError('quotas/below-drawn', `${drawn} g were harvested already.`, { drawn });
    }
    const { amount: granted, ...name } = p;
    const quota: Quota = {
      ...name,
      granted,
      drawn,
      ...(policy === undefined ? {} : { policy: policyRef(policy) }),
      by: ctx.signer.id,
      tx: ctx.txId,
    };
    return {
      writes: [
        quotaWrite(quota),
        ...(before === undefined
          ? [{ key: quotaListKey(p.gln, p.gtin), value: [...seasons, p.season] }]
          : []),
      ],
      events: [
        {
          type: 'quotas.granted',
          data: { gln: p.gln, gtin: p.gtin, season: p.season, granted, by: ctx.signer.id },
        },
      ],
    };
  },
);

export const quotas: RuleModule = { name: 'quotas', version: 1, actions: { grant } };
