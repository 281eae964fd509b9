import { once } from 'node:events';
import { PassThrough, Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '@suyuan/contracts';
import exceljs from 'exceljs';
import { neutralText } from './neutral-text.ts';

/** A whole number, text, an instant (written as ISO 8601 UTC), or nothing. */
export type OutCell = string | number | null | { readonly time_ms: number };

export interface OutColumn {
  readonly header: string;
  /** In characters, for workbooks. */
  readonly width?: number;
}

export interface WriteTableOptions {
  readonly format: 'xlsx' | 'csv';
  readonly sheet?: string;
  /** When the workbook is said to be made. */
  readonly created_ms: number;
}

/** Rows that a workbook has room for, without its header. */
const XLSX_ROWS_MAX = 1_048_575;
const TEXT_UNITS_MAX = 32_000;

function outValue(cell: OutCell): string | number | null {
  if (cell === null) return null;
  if (typeof cell === 'object') return new Date(cell.time_ms).toISOString();
  if (typeof cell === 'string') return neutralText(cell.slice(0, TEXT_UNITS_MAX));
  if (!Number.isFinite(cell)) throw new AppError('table/bad-number', 'A cell is no finite number.');
  return cell;
}

function csvLine(values: readonly (string | number | null)[]): string {
  const fields = values.map((value) => {
    const text = value === null ? '' : String(value);
    return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  });
  return `${fields.join(',')}\r\n`;
}

type OutRows = AsyncIterable<readonly OutCell[]> | Iterable<readonly OutCell[]>;

async function writeCsv(out: Writable, columns: readonly OutColumn[], rows: OutRows) {
  async function* lines(): AsyncGenerator<string> {
    // Excel takes UTF-8 for the code page of the machine unless a mark says otherwise.
    yield `\ufeff${csvLine(columns.map(({ header }) => neutralText(header)))}`;
    for await (const row of rows) yield csvLine(row.map(outValue));
  }
  await pipeline(Readable.from(lines(), { objectMode: true, highWaterMark: 64 }), out);
}

async function fillWorkbook(
  stream: PassThrough,
  columns: readonly OutColumn[],
  rows: OutRows,
  options: WriteTableOptions,
): Promise<void> {
  const created = new Date(options.created_ms);
  const workbook = new exceljs.stream.xlsx.WorkbookWriter({ stream, useSharedStrings: false });
  workbook.created = created;
  workbook.modified = created;
  workbook.creator = 'Suyuan';
  workbook.lastModifiedBy = 'Suyuan';
  const sheet = workbook.addWorksheet(
    (options.sheet ?? 'Suyuan').replace(/[*?:\\/[\]]/g, ' ').slice(0, 31),
  );
  sheet.columns = columns.map(({ header, width }) => ({
    header: neutralText(header),
    width: width ?? 18,
  }));
  let count = 0;
  for await (const row of rows) {
    if (++count > XLSX_ROWS_MAX) {
      throw new AppError(
        'table/too-many-rows',
        `A workbook holds ${XLSX_ROWS_MAX} rows: write CSV.`,
      );
    }
    sheet.addRow(row.map(outValue)).commit();
    // The writer does not wait for its reader by itself.
    if (count % 500 === 0) {
      if (stream.writableNeedDrain) await once(stream, 'drain');
      else await new Promise(setImmediate);
    }
  }
  sheet.commit();
  await workbook.commit();
}

/**
 * Writes a table to `out` row by row, and ends it. Text that a spreadsheet would take for a formula is written behind an apostrophe.
 * CSV is UTF-8 with a mark and commas. Throws `table/…` or the error of `out`.
 */
export async function writeTable(
  out: Writable,
  columns: readonly OutColumn[],
  rows: OutRows,
  options: WriteTableOptions,
): Promise<void> {
  if (options.format === 'csv') return writeCsv(out, columns, rows);
  const stream = new PassThrough();
  const piped = pipeline(stream, out);
  const filled = fillWorkbook(stream, columns, rows, options).catch((error: unknown) => {
    stream.destroy(error instanceof Error ? error : new Error(String(error)));
    throw error;
  });
  // Whichever fails first is told; the other must not go unheard.
  await Promise.all([filled, piped]);
}
