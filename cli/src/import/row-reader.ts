// One row, field by field. What cannot be read is told with its column, and reading goes on: a person corrects a file once.

import { AppError } from '@suyuan/contracts';
import {
  type Cell,
  type ColumnMap,
  cellInteger,
  cellText,
  cellTime,
  columnName,
  type Row,
  type Table,
  timeZone,
} from '@suyuan/paper';
import { cellAmount, type Unit, unitInHeader, unitOf } from './amounts.ts';
import { attempt, type ErrorList } from './row-error.ts';

type ZoneOffset = ReturnType<typeof timeZone>;

export interface SheetView {
  readonly table: Table;
  readonly columns: ColumnMap;
  readonly zone: ZoneOffset;
  readonly errors: ErrorList;
}

export interface Amount {
  readonly amount: number;
  readonly measure: Unit['measure'];
}

export interface RowReader {
  readonly row: number;
  /** True once anything of this row was refused. */
  readonly failed: boolean;
  /** Refuses the row; `key` is the field to blame. */
  fail(code: string, message: string, key?: string): void;
  text(key: string): string | undefined;
  needed(key: string): string;
  /** One of the words of a list, in either language. */
  word<W extends string>(key: string, words: Readonly<Record<W, readonly string[]>>): W | undefined;
  /** A GTIN with the leading zeros that spreadsheets drop. */
  gtin(key: string): string;
  time(key: string): number | undefined;
  /** A whole number of the unit 10^-scale as large. */
  integer(key: string, scale: number): number | undefined;
  amount(key: string, unitKey: string): Amount | undefined;
  /** Amounts of a cell that lists several, between semicolons. */
  amounts(key: string, unitKeys: readonly string[]): Amount[];
  texts(key: string): string[];
}

const EMPTY: Cell = { kind: 'empty' };
const LIST_MAX = 64;

/** The zone of `--tz`, or one that refuses every time that does not say its own offset. */
export function importZone(name: string | undefined): ZoneOffset {
  if (name !== undefined) return timeZone(name);
  return () => {
    throw new AppError(
      'import/no-zone',
      'The times of this file do not say where they were noted: give --tz, for example --tz +08:00.',
    );
  };
}

export function columnLabel(table: Table, index: number): string {
  const header = table.header[index]?.trim() ?? '';
  return `${columnName(index)}${header === '' ? '' : ` ${header.slice(0, 24)}`}`;
}

export function createRowReader(view: SheetView, row: Row): RowReader {
  const { table, columns, errors } = view;
  let failed = false;
  const cellAt = (key: string): Cell => {
    const index = columns[key];
    return index === undefined ? EMPTY : (row.cells[index] ?? EMPTY);
  };
  const fail = (code: string, message: string, key?: string): void => {
    failed = true;
    const index = key === undefined ? undefined : columns[key];
    const whole = code === 'import/no-zone';
    errors.add({
      row: whole ? null : row.number,
      column: index === undefined ? null : columnLabel(table, index),
      code,
      message,
    });
  };
  const read = <T>(key: string, from: (cell: Cell) => T): T | undefined =>
    attempt(
      () => from(cellAt(key)),
      (code, message) => fail(code, message, key),
    );
  const unitFor = (key: string, unitKeys: readonly string[]): Unit | undefined => {
    for (const unitKey of unitKeys) {
      const text = cellText(cellAt(unitKey));
      if (text === null) continue;
      const unit = unitOf(text);
      if (unit === undefined) {
        fail(
          'import/unknown-unit',
          `${text.slice(0, 20)} is no unit: g, kg, jin, t or pcs.`,
          unitKey,
        );
      }
      return unit;
    }
    const index = columns[key];
    const unit = index === undefined ? undefined : unitInHeader(table.header[index] ?? '');
    if (unit === undefined) {
      fail(
        'import/no-unit',
        'The amount has no unit: name it in a column 单位 unit, or in the header as in 净重(kg).',
        key,
      );
    }
    return unit;
  };
  const listOf = (key: string): string[] => {
    const parts = (cellText(cellAt(key)) ?? '')
      .split(/[;；\n]/)
      .map((part) => part.trim())
      .filter((part) => part !== '');
    if (parts.length <= LIST_MAX) return parts;
    fail('import/long-list', `A cell lists at most ${LIST_MAX}: use several rows.`, key);
    return [];
  };
  const reader: RowReader = {
    row: row.number,
    get failed() {
      return failed;
    },
    fail,
    text: (key) => cellText(cellAt(key)) ?? undefined,
    needed(key) {
      const text = cellText(cellAt(key));
      if (text !== null) return text;
      fail('import/empty-cell', emptyAdvice(columns, key), key);
      return '';
    },
    word(key, words) {
      const text = cellText(cellAt(key));
      if (text === null) return undefined;
      const plain = text.normalize('NFKC').toLowerCase();
      const names = Object.keys(words) as (keyof typeof words)[];
      const found = names.find((name) => name === plain || words[name].includes(plain));
      if (found === undefined) {
        const known = names.map((name) => `${words[name][0] ?? ''} ${name}`.trim()).join(', ');
        fail('import/unknown-word', `${text.slice(0, 24)} is not known here; write ${known}.`, key);
      }
      return found;
    },
    gtin(key) {
      const text = reader.needed(key);
      // GTIN-8, -12 and -13 are written with leading zeros on the ledger; so is what a spreadsheet took for a number.
      return /^\d{8,14}$/.test(text) ? text.padStart(14, '0') : text;
    },
    time: (key) => read(key, (cell) => cellTime(cell, view.zone)) ?? undefined,
    integer: (key, scale) => read(key, (cell) => cellInteger(cell, scale)) ?? undefined,
    amount(key, unitKey) {
      if (cellAt(key).kind === 'empty') {
        fail('import/empty-cell', emptyAdvice(columns, key), key);
        return undefined;
      }
      const unit = unitFor(key, [unitKey]);
      if (unit === undefined) return undefined;
      const amount = read(key, (cell) => cellAmount(cell, unit));
      return amount === undefined || amount === null
        ? undefined
        : { amount, measure: unit.measure };
    },
    amounts(key, unitKeys) {
      const cell = cellAt(key);
      const parts = cell.kind === 'text' ? listOf(key) : [];
      const cells: Cell[] =
        cell.kind === 'text' ? parts.map((text) => ({ kind: 'text', text })) : [cell];
      if (cell.kind === 'empty') {
        fail('import/empty-cell', emptyAdvice(columns, key), key);
        return [];
      }
      const unit = unitFor(key, unitKeys);
      if (unit === undefined) return [];
      return cells.flatMap((one) => {
        const amount = read(key, () => cellAmount(one, unit));
        return amount === undefined || amount === null ? [] : [{ amount, measure: unit.measure }];
      });
    },
    texts: listOf,
  };
  return reader;
}

function emptyAdvice(columns: ColumnMap, key: string): string {
  return columns[key] === undefined
    ? `There is no column for ${key}, and this row needs it: add one.`
    : 'The cell is empty, and this row needs it: fill it in.';
}
