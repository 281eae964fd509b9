// A row of goods that came to be → lots.harvest, lots.purchase or lots.transform.

import { given, type RowCall } from './row-call.ts';
import type { Amount, RowReader } from './row-reader.ts';
import { LOT_ACTIONS, PROCESSES } from './words.ts';

export function lotCall(reader: RowReader): RowCall | undefined {
  const action = reader.word('action', LOT_ACTIONS);
  if (action === undefined) {
    if (!reader.failed) reader.needed('action');
    return undefined;
  }
  const made = reader.amount('amount', 'unit');
  const gtin = reader.gtin('gtin');
  const lot = reader.needed('lot');
  const place = reader.needed('place');
  const time = reader.time('time');
  const note = reader.text('note');
  const claimedAge_months = reader.integer('claimedAge_months', 0);
  const season = reader.text('season');
  const measures = made === undefined ? [] : [{ gtin, measure: made.measure }];
  const call = { rows: [reader.row], module: 'lots', action };
  if (action === 'transform') {
    const inputs = inputsOf(reader);
    const output = given({ gtin, lot, amount: made?.amount, note, claimedAge_months });
    const process = reader.word('process', PROCESSES);
    if (process === undefined && !reader.failed) reader.needed('process');
    return {
      ...call,
      payload: given({
        inputs: inputs.map(({ measure: _, ...input }) => input),
        outputs: [output],
        ...{ place, process, time },
      }),
      measures: [...measures, ...inputs],
    };
  }
  const shared = { gtin, lot, amount: made?.amount, place, season, time, note };
  const payload =
    action === 'harvest'
      ? given({ ...shared, claimedAge_months })
      : given({
          ...shared,
          grower: reader.needed('grower'),
          plot: reader.needed('plot'),
          consent: reader.text('consent'),
        });
  return { ...call, payload, measures };
}

type Input = { gtin: string; lot: string; amount: number; measure: Amount['measure'] };

/** One product for all input lots, or one for each. */
function inputsOf(reader: RowReader): Input[] {
  const products = reader.texts('input_gtin');
  const lots = reader.texts('input_lot');
  const amounts = reader.amounts('input_amount', ['input_unit', 'unit']);
  if (products.length === 0) reader.needed('input_gtin');
  if (lots.length === 0) reader.needed('input_lot');
  if (reader.failed) return [];
  if (
    lots.length !== amounts.length ||
    (products.length !== 1 && products.length !== lots.length)
  ) {
    reader.fail(
      'import/uneven-lists',
      `${products.length} products, ${lots.length} lots and ${amounts.length} amounts do not go together: list as many of each, between semicolons.`,
      'input_lot',
    );
    return [];
  }
  return lots.map((lot, i) => {
    const gtin = (products[i] ?? products[0] ?? '').padStart(14, '0');
    return { gtin, lot, amount: 0, measure: 'g' as const, ...amounts[i] };
  });
}
