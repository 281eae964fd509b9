// What the ledger refused → the row and column of the person's own table.

import type { ColumnMap, Table } from '@suyuan/paper';
import type { RowCall } from './row-call.ts';
import type { RowError } from './row-error.ts';
import { columnLabel } from './row-reader.ts';

/** The fields that a rule's code is about, the first that the table has. */
const BLAMED: Readonly<Record<string, readonly string[]>> = {
  'accounts/unknown': ['grower', 'holder', 'to'],
  'custody/conformity-needed': ['documents', 'lot'],
  'custody/exists': ['shipment'],
  'custody/no-receiver': ['to'],
  'custody/not-a-vehicle': ['via'],
  'custody/not-in-transit': ['shipment'],
  'custody/reason-needed': ['reason', 'amount'],
  'custody/split-first': ['amount'],
  'custody/unknown': ['shipment'],
  'import/wrong-unit': ['unit', 'amount'],
  'lots/consent-needed': ['consent', 'grower'],
  'lots/exists': ['lot'],
  'lots/insufficient-mass': ['input_amount', 'amount'],
  'lots/mass-rises': ['amount'],
  'lots/not-a-grower': ['grower'],
  'lots/not-a-member': ['place'],
  'lots/not-holder': ['input_lot', 'lot'],
  'lots/not-your-plot': ['plot', 'place'],
  'lots/over-yield': ['amount'],
  'lots/season-needed': ['season'],
  'lots/under-yield': ['amount'],
  'lots/unknown': ['input_lot', 'lot'],
  'places/exists': ['gln'],
  'places/unknown': ['place', 'plot'],
  'products/unknown': ['gtin'],
  'quotas/exceeded': ['amount'],
  'quotas/none': ['season', 'place'],
  'rules/bad-time': ['time'],
  'rules/foreign-place': ['place'],
};

export interface Refusal {
  readonly code: string;
  readonly message: string;
  /** JSON pointer into the payload. */
  readonly field?: string;
}

export function refusalError(
  { table, columns }: { readonly table: Table; readonly columns: ColumnMap },
  call: RowCall,
  { code, message, field }: Refusal,
): RowError {
  const index = columnOf(columns, code, field);
  const [, item] = /^\/items\/(\d+)/.exec(field ?? '') ?? [];
  const row = call.rows[item === undefined ? 0 : Number(item)] ?? call.rows[0] ?? null;
  return {
    row,
    column: index === undefined ? null : columnLabel(table, index),
    code,
    message,
  };
}

/** `/inputs/0/amount` is the column `input_amount`, `/name/zh` is `name_zh`, `/outputs/0/lot` is `lot`. */
function columnOf(columns: ColumnMap, code: string, field: string | undefined): number | undefined {
  const parts = (field ?? '').split('/').filter((part) => part !== '');
  const last = parts.at(-1) ?? '';
  const names =
    field === undefined
      ? (BLAMED[code] ?? [])
      : [`input_${parts[0] === 'inputs' ? last : ''}`, parts.join('_'), last];
  return names.map((name) => columns[name]).find((index) => index !== undefined);
}
