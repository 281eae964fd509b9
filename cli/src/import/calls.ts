// Rows → calls of the ledger's actions. What the rules allow is theirs to say; here it is only what the cells say.

import type { Field } from '@suyuan/paper';
import { custodyCalls } from './custody-calls.ts';
import { CUSTODY_FIELDS, LOT_FIELDS, PLOT_FIELDS } from './fields.ts';
import { lotCall } from './lot-calls.ts';
import { given, type RowCall } from './row-call.ts';
import { createRowReader, type RowReader, type SheetView } from './row-reader.ts';
import { PLACE_KINDS } from './words.ts';

export type ImportKind = 'plots' | 'lots' | 'custody';

export const FIELDS: Readonly<Record<ImportKind, readonly Field[]>> = {
  plots: PLOT_FIELDS,
  lots: LOT_FIELDS,
  custody: CUSTODY_FIELDS,
};

/** The calls of all rows that can be read; the rest is in `view.errors`. `account` is the signer. */
export function callsOf(kind: ImportKind, view: SheetView, account: string): RowCall[] {
  const readers = view.table.rows.map((row) => createRowReader(view, row));
  if (kind === 'custody') return custodyCalls(readers);
  return readers.flatMap((reader) => {
    const call = kind === 'plots' ? plotCall(reader, account) : lotCall(reader);
    return reader.failed || call === undefined ? [] : [call];
  });
}

function plotCall(reader: RowReader, account: string): RowCall {
  const zh = reader.needed('name_zh');
  const township = reader.needed('township_zh');
  const payload = given({
    gln: reader.needed('gln'),
    kind: reader.word('kind', PLACE_KINDS) ?? 'plot',
    name: { zh, en: reader.text('name_en') ?? zh },
    township: { zh: township, en: reader.text('township_en') ?? township },
    area_mmu: reader.integer('area_mu', 3),
    holder: reader.text('holder') ?? account,
  });
  return { rows: [reader.row], module: 'places', action: 'register', payload, measures: [] };
}
