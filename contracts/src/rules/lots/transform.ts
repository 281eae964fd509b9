// lots.transform: inputs become outputs, within what the outputs' policies allow (docs/formats.md §5, *lot*).

import Type from 'typebox';
import { AppError } from '../../errors.ts';
import { TRANSFORM_LINKS_MAX, TRANSFORM_LOTS_MAX } from '../../limits.ts';
import { recordedTime_ms, requireOwnPlace, requireRole } from '../permissions.ts';
import { requirePlace } from '../places/place.ts';
import { Amount, Closed, Gln, Gtin, Text20, Time_ms } from '../schema.ts';
import { defineAction } from '../types.ts';
import { ClaimedAge, LotAmount, Note } from './fields.ts';
import {
  becomeWrites,
  requireAfterInputs,
  requireEachOnce,
  sharedSeason,
  takeInputs,
  youngestBorn,
} from './lineage-writes.ts';
import { newLot, requireMaker, requireNewLot, requirePolicy } from './new-lot.ts';
import { requirePossible } from './yields.ts';

/** What a transformation does; the words of the trade, told on the timeline. */
export const PROCESSES = [
  'peel',
  'dry',
  'age',
  're-sun',
  'mill',
  'clean',
  'grade',
  'mix',
  'chill',
  'pack',
] as const;

export const transform = defineAction(
  Closed({
    inputs: Type.Array(LotAmount, { minItems: 1, maxItems: TRANSFORM_LOTS_MAX }),
    outputs: Type.Array(
      Closed({
        gtin: Gtin,
        lot: Text20,
        amount: Amount,
        note: Note,
        claimedAge_months: ClaimedAge,
      }),
      { minItems: 1, maxItems: TRANSFORM_LOTS_MAX },
    ),
    place: Gln,
    process: Type.Union(PROCESSES.map((process) => Type.Literal(process))),
    time: Type.Optional(Time_ms),
  }),
  (state, p, ctx) => {
    requireRole(ctx, ['grower', 'processor', 'carrier', 'shop']);
    requireOwnPlace(ctx, requirePlace(state, p.place), ctx.signer.id);
    if (p.inputs.length * p.outputs.length > TRANSFORM_LINKS_MAX) {
      throw new AppError(
        'lots/too-many-links',
        `Inputs times outputs may be ${TRANSFORM_LINKS_MAX}; split it.`,
      );
    }
    requireEachOnce([...p.inputs, ...p.outputs]);
    const taken = takeInputs(state, ctx, p.inputs);
    const outputs = p.outputs.map((output) => {
      const making = requireNewLot(state, ctx, output.gtin, output.lot);
      requireMaker(making.product, ctx.signer.id);
      requirePolicy(making);
      return { making, output, amount: output.amount };
    });
    requirePossible(state, p.process, taken, outputs);
    const since = recordedTime_ms(ctx, p.time);
    requireAfterInputs(taken, since);
    const made = outputs.map(({ making, output: { amount, ...named } }) =>
      newLot(ctx, making, {
        ...named,
        made: amount,
        place: p.place,
        since,
        born: youngestBorn(taken),
        process: p.process,
        inputs: p.inputs,
        season: sharedSeason(taken),
      }),
    );
    return {
      writes: becomeWrites(taken, made),
      events: [
        {
          type: 'lots.transformed',
          data: {
            process: p.process,
            place: p.place,
            in: sum(p.inputs),
            out: sum(p.outputs),
          },
        },
      ],
    };
  },
);

function sum(entries: readonly { readonly amount: number }[]): number {
  return entries.reduce((total, entry) => total + entry.amount, 0);
}
