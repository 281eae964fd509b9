// lots.split and lots.merge: the same goods under other numbers; nothing is lost, gained or made older (docs/formats.md §5, *lot*).

import Type from 'typebox';
import { AppError } from '../../errors.ts';
import { TRANSFORM_LOTS_MAX } from '../../limits.ts';
import { recordedTime_ms } from '../permissions.ts';
import { Amount, Closed, Gtin, Text20, Time_ms } from '../schema.ts';
import { defineAction } from '../types.ts';
import { Note } from './fields.ts';
import {
  becomeWrites,
  requireAfterInputs,
  requireEachOnce,
  sharedSeason,
  type Taken,
  takeInputs,
  youngestBorn,
} from './lineage-writes.ts';
import { placeOf } from './lot.ts';
import { newLot, requireMaker, requireNewLot } from './new-lot.ts';

const Part = Closed({ lot: Text20, amount: Amount, note: Note });

export const split = defineAction(
  Closed({
    gtin: Gtin,
    lot: Text20,
    outputs: Type.Array(Part, { minItems: 1, maxItems: TRANSFORM_LOTS_MAX }),
    time: Type.Optional(Time_ms),
  }),
  (state, p, ctx) => {
    const { gtin } = p;
    requireEachOnce([{ gtin, lot: p.lot }, ...p.outputs.map(({ lot }) => ({ gtin, lot }))]);
    const amount = p.outputs.reduce((sum, part) => sum + part.amount, 0);
    const taken = takeInputs(state, ctx, [{ gtin, lot: p.lot, amount }]);
    const since = recordedTime_ms(ctx, p.time);
    requireAfterInputs(taken, since);
    const whole = (taken[0] as Taken).lot;
    const parts = p.outputs.map((part) =>
      newLot(ctx, requireNewLot(state, ctx, gtin, part.lot), {
        gtin,
        lot: part.lot,
        made: part.amount,
        // Who cuts a lot in two has not made it: what its maker vouched for goes with each part.
        maker: whole.maker,
        place: placeOf(whole),
        since,
        born: whole.born,
        process: 'split',
        inputs: [{ gtin, lot: p.lot, amount: part.amount }],
        season: whole.season,
        note: part.note,
        claimedAge_months: whole.claimedAge_months,
      }),
    );
    return {
      writes: becomeWrites(taken, parts),
      events: [{ type: 'lots.split', data: { gtin, lot: p.lot, parts: parts.length, amount } }],
    };
  },
);

export const merge = defineAction(
  Closed({
    gtin: Gtin,
    inputs: Type.Array(Closed({ lot: Text20, amount: Amount }), {
      minItems: 2,
      maxItems: TRANSFORM_LOTS_MAX,
    }),
    lot: Text20,
    note: Note,
    time: Type.Optional(Time_ms),
  }),
  (state, p, ctx) => {
    const { gtin } = p;
    const inputs = p.inputs.map((input) => ({ gtin, ...input }));
    requireEachOnce([...inputs, { gtin, lot: p.lot }]);
    const taken = takeInputs(state, ctx, inputs);
    const places = new Set(taken.map(({ lot }) => placeOf(lot)));
    const [place = '', ...others] = places;
    if (others.length > 0) {
      throw new AppError('lots/other-place', 'The goods lie at different places; move them first.');
    }
    const since = recordedTime_ms(ctx, p.time);
    requireAfterInputs(taken, since);
    const making = requireNewLot(state, ctx, gtin, p.lot);
    const maker = sharedMaker(taken);
    if (maker === undefined) requireMaker(making.product, ctx.signer.id);
    const made = inputs.reduce((sum, { amount }) => sum + amount, 0);
    const merged = newLot(ctx, making, {
      gtin,
      lot: p.lot,
      made,
      ...(maker === undefined ? {} : { maker }),
      place,
      since,
      born: youngestBorn(taken),
      process: 'merge',
      inputs,
      season: sharedSeason(taken),
      note: p.note,
      claimedAge_months: leastClaim(taken),
    });
    return {
      writes: becomeWrites(taken, [merged]),
      events: [{ type: 'lots.merged', data: { gtin, lot: p.lot, amount: made } }],
    };
  },
);

/** Goods of one maker stay his; goods of several are, mixed, those of who mixed them. */
function sharedMaker(taken: readonly Taken[]): string | undefined {
  const maker = taken[0]?.lot.maker;
  return taken.every(({ lot }) => lot.maker === maker) ? maker : undefined;
}

/** What all of it is claimed to be, at least; nothing where nothing is claimed of a part. */
function leastClaim(taken: readonly Taken[]): number | undefined {
  const claims = taken.map(({ lot }) => lot.claimedAge_months ?? 0);
  const least = Math.min(...claims);
  return least === 0 ? undefined : least;
}
