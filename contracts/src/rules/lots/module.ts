// lots: harvests and transformations. Mass may fall on the way, it never rises (docs/formats.md §5).

import Type from 'typebox';
import { AppError } from '../../errors.ts';
import { TRANSFORM_LINKS_MAX, TRANSFORM_LOTS_MAX } from '../../limits.ts';
import { recordedTime_ms, requireOwnPlace, requireRole } from '../permissions.ts';
import { requirePlace } from '../places/place.ts';
import { requireProduct } from '../products/product.ts';
import { Amount, Closed, Gln, Gtin, Text20, Time_ms } from '../schema.ts';
import {
  defineAction,
  type RuleContext,
  type RuleModule,
  type StateReader,
  type StateWrite,
} from '../types.ts';
import {
  dependentKey,
  drawMass,
  getLot,
  type Lot,
  lotKey,
  lotWrite,
  requireHeldLot,
} from './lot.ts';

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

const Note = Type.Optional(Type.String({ minLength: 1, maxLength: 200 }));
const ClaimedAge = Type.Optional(
  Type.Integer({ minimum: 1, maximum: 1200, description: 'months claimed on the label' }),
);

function requireNewLot(state: StateReader, ctx: RuleContext, gtin: string, lot: string): void {
  const product = requireProduct(state, gtin);
  if (product.makers !== undefined && !product.makers.includes(ctx.signer.id)) {
    throw new AppError(
      'lots/not-a-maker',
      'The product names who may make it; ask its association.',
      { gtin },
    );
  }
  if (product.unit !== 'g')
    throw new AppError('lots/not-by-mass', 'The product is counted, not weighed.', { gtin });
  if (getLot(state, gtin, lot) !== undefined) {
    throw new AppError('lots/exists', 'A lot with this number exists; number it anew.', {
      gtin,
      lot,
    });
  }
}

const harvest = defineAction(
  Closed({
    gtin: Gtin,
    lot: Text20,
    place: Gln,
    amount: Amount,
    time: Type.Optional(Time_ms),
    note: Note,
    claimedAge_months: ClaimedAge,
  }),
  (state, p, ctx) => {
    requireRole(ctx, ['grower']);
    requireNewLot(state, ctx, p.gtin, p.lot);
    const plot = requirePlace(state, p.place);
    if (plot.kind !== 'plot' || plot.holder !== ctx.signer.id) {
      throw new AppError(
        'lots/not-your-plot',
        'A harvest comes from a plot that its grower holds.',
        { gln: p.place },
      );
    }
    const lot: Lot = {
      ...newLot(ctx, p, p.amount),
      place: p.place,
      since: recordedTime_ms(ctx, p.time),
      process: 'harvest',
      inputs: [],
    };
    return {
      writes: [lotWrite(lot)],
      events: [
        {
          type: 'lots.harvested',
          data: { gtin: p.gtin, lot: p.lot, amount: p.amount, place: p.place },
        },
      ],
    };
  },
);

type Made = { gtin: string; lot: string; note?: string; claimedAge_months?: number };

function newLot(ctx: RuleContext, made: Made, amount: number) {
  return {
    gtin: made.gtin,
    lot: made.lot,
    holder: ctx.signer.id,
    made: amount,
    left: amount,
    labelled: 0,
    tx: ctx.txId,
    ...(made.note === undefined ? {} : { note: made.note }),
    ...(made.claimedAge_months === undefined ? {} : { claimedAge_months: made.claimedAge_months }),
    dependents: 0,
  };
}

const transform = defineAction(
  Closed({
    inputs: Type.Array(Closed({ gtin: Gtin, lot: Text20, amount: Amount }), {
      minItems: 1,
      maxItems: TRANSFORM_LOTS_MAX,
    }),
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
    const keys = [...p.inputs, ...p.outputs].map((entry) => lotKey(entry.gtin, entry.lot));
    if (new Set(keys).size !== keys.length) {
      throw new AppError('lots/named-twice', 'Name each lot once, as an input or as an output.');
    }
    const inputs = p.inputs.map((input) => {
      const lot = requireHeldLot(state, input.gtin, input.lot, ctx.signer.id);
      return { lot, after: drawMass(lot, input.amount) };
    });
    for (const output of p.outputs) requireNewLot(state, ctx, output.gtin, output.lot);
    const in_g = sum(p.inputs);
    const out_g = sum(p.outputs);
    if (out_g > in_g) {
      throw new AppError(
        'lots/mass-rises',
        `${out_g} g cannot come out of ${in_g} g; weigh again.`,
        { in_g, out_g },
      );
    }
    const since = recordedTime_ms(ctx, p.time);
    const youngest = Math.max(...inputs.map(({ lot }) => lot.since));
    if (since < youngest) {
      throw new AppError(
        'lots/before-input',
        'An input was made after the time of this transformation.',
      );
    }
    const writes: StateWrite[] = p.outputs.map((output) =>
      lotWrite({
        ...newLot(ctx, output, output.amount),
        place: p.place,
        since,
        process: p.process,
        inputs: p.inputs,
      }),
    );
    for (const { lot, after } of inputs) {
      writes.push(lotWrite({ ...after, dependents: lot.dependents + p.outputs.length }));
      p.outputs.forEach((output, i) => {
        const { gtin, lot: number, amount } = output;
        writes.push({
          key: dependentKey(lot.gtin, lot.lot, lot.dependents + i),
          value: { gtin, lot: number, amount },
        });
      });
    }
    return {
      writes,
      events: [
        { type: 'lots.transformed', data: { process: p.process, in_g, out_g, place: p.place } },
      ],
    };
  },
);

function sum(entries: readonly { readonly amount: number }[]): number {
  return entries.reduce((total, entry) => total + entry.amount, 0);
}

export const lots: RuleModule = { name: 'lots', version: 1, actions: { harvest, transform } };
