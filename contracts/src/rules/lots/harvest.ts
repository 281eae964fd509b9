// lots.harvest: what a grower's plot yielded (docs/formats.md §5, *lot*).

import Type from 'typebox';
import { AppError } from '../../errors.ts';
import { recordedTime_ms, requireRole } from '../permissions.ts';
import { type Place, requirePlace } from '../places/place.ts';
import { drawQuota } from '../quotas/quota.ts';
import { Amount, Closed, Gln, Gtin, Season, Text20, Time_ms } from '../schema.ts';
import { defineAction, type StateReader, type StateWrite } from '../types.ts';
import { ClaimedAge, Note } from './fields.ts';
import { lotWrite } from './lot.ts';
import { type Making, newLot, requireMaker, requireNewLot, requirePolicy } from './new-lot.ts';

export const harvest = defineAction(
  Closed({
    gtin: Gtin,
    lot: Text20,
    place: Gln,
    amount: Amount,
    season: Type.Optional(Season),
    time: Type.Optional(Time_ms),
    note: Note,
    claimedAge_months: ClaimedAge,
  }),
  (state, p, ctx) => {
    requireRole(ctx, ['grower']);
    const making = requireNewLot(state, ctx, p.gtin, p.lot);
    requireMaker(making.product, ctx.signer.id);
    requirePolicy(making);
    const plot = requirePlot(state, p.place, ctx.signer.id);
    const since = recordedTime_ms(ctx, p.time);
    const drawn = drawCrop(state, making, plot, { ...p, time_ms: since });
    const { amount, time: _, ...named } = p;
    const lot = newLot(ctx, making, {
      ...named,
      made: amount,
      since,
      born: since,
      process: 'harvest',
      inputs: [],
    });
    return {
      writes: [lotWrite(lot), ...drawn],
      events: [
        { type: 'lots.harvested', data: { gtin: p.gtin, lot: p.lot, amount, place: p.place } },
      ],
    };
  },
);

/** Throws `places/unknown`, or `lots/not-your-plot` unless it is a plot that `grower` holds. */
export function requirePlot(state: StateReader, gln: string, grower: string): Place {
  const plot = requirePlace(state, gln);
  if (plot.kind !== 'plot' || plot.holder !== grower) {
    throw new AppError('lots/not-your-plot', 'A harvest comes from a plot that its grower holds.', {
      gln,
      grower,
    });
  }
  return plot;
}

/**
 * The writes by which a crop leaves its plot. Throws `lots/not-a-crop` for what is only made from something else,
 * `lots/not-a-member` when the product has a mark that the plot was not granted at the time, `lots/season-needed` and
 * `quotas/*` where the policy sets a quota.
 */
export function drawCrop(
  state: StateReader,
  { product, policy }: Making,
  plot: Place,
  crop: { readonly amount: number; readonly season?: string; readonly time_ms: number },
): StateWrite[] {
  // Peel that could be "harvested" would come round the quota and the yield of its fruit.
  if (policy?.yields?.some(({ from, to }) => to === product.gtin && from !== product.gtin)) {
    throw new AppError(
      'lots/not-a-crop',
      'By its policy this is made from something else; harvest that and transform it.',
      { gtin: product.gtin },
    );
  }
  const member = plot.memberships.some(
    ({ mark, from, to }) =>
      mark === product.mark && from <= crop.time_ms && (to === undefined || crop.time_ms < to),
  );
  if (product.mark !== undefined && !member) {
    throw new AppError(
      'lots/not-a-member',
      `The plot was not granted the mark ${product.mark} for this time; ask its steward.`,
      { gln: plot.gln, mark: product.mark },
    );
  }
  if (policy?.quota_g_per_mu === undefined) return [];
  if (crop.season === undefined) {
    throw new AppError('lots/season-needed', 'The product has a quota: name the season.', {
      gtin: product.gtin,
    });
  }
  const key = { gln: plot.gln, gtin: product.gtin, season: crop.season };
  return [drawQuota(state, key, crop.amount, crop.time_ms)];
}
