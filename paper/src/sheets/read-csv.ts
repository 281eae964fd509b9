import { Readable } from 'node:stream';
import { AppError } from '@suyuan/contracts';
import { CsvError, parse } from 'csv-parse';
import type { ByteSource } from './byte-source.ts';
import { formulaAt, HEADER_WITHIN, tooManyColumns, tooManyRows } from './read-xlsx.ts';
import { type Cell, columnName, EMPTY, type Row, type TableLimits } from './table.ts';
import { cellTooLong } from './workbook.ts';

const SLICE_UNITS = 64 * 1024;
const DELIMITERS = [',', ';', '\t'] as const;

function decodeAs(label: string, bytes: Uint8Array): string | null {
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** UTF-8 or UTF-16 by its mark, else UTF-8 if it is that, else GB 18030 as Excel in China writes. Throws `table/bad-encoding`. */
export function decodeText(bytes: Uint8Array): string {
  const label =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? 'utf-16le'
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? 'utf-16be'
        : 'utf-8';
  const text = decodeAs(label, bytes) ?? decodeAs('gb18030', bytes);
  if (text === null || text.includes('\0')) {
    throw new AppError(
      'table/bad-encoding',
      'The file is neither UTF-8 nor GB 18030 text: save it as CSV UTF-8.',
    );
  }
  return text;
}

/** The delimiter that stands most often in the first line that is not empty, outside quotes. */
export function delimiterOf(text: string): { delimiter: string; skip: number } {
  const named = /^sep=([,;\t])\r?\n/i.exec(text);
  if (named !== null) return { delimiter: named[1]!, skip: named[0].length };
  const line = /^\s*([^\r\n]*)/.exec(text)?.[1] ?? '';
  const bare = line.replace(/"[^"]*"/g, '');
  const counts = DELIMITERS.map((delimiter) => bare.split(delimiter).length);
  return { delimiter: DELIMITERS[counts.indexOf(Math.max(...counts))]!, skip: 0 };
}

function cellOf(text: string, column: number, row: number, limits: TableLimits): Cell {
  if (text.length > limits.cellUnits) throw cellTooLong(limits.cellUnits);
  // ="00123" is how spreadsheets are made to keep leading zeros; any other = is a formula.
  const kept = /^="([^"]*)"$/.exec(text)?.[1];
  if (kept === undefined && text.startsWith('='))
    throw formulaAt(`${columnName(column)}${row}`, row);
  const value = kept ?? text;
  return value.trim() === '' ? EMPTY : { kind: 'text', text: value };
}

function* slices(text: string, from: number): Generator<string> {
  for (let at = from; at < text.length; at += SLICE_UNITS) yield text.slice(at, at + SLICE_UNITS);
}

/** All rows of a CSV file that hold anything; every cell is text. Throws `table/…`. */
export async function readCsv(source: ByteSource, limits: TableLimits): Promise<Row[]> {
  const text = decodeText(await source.read(0, source.size_bytes));
  const { delimiter, skip } = delimiterOf(text);
  const parser = Readable.from(slices(text, skip)).pipe(
    parse({
      delimiter,
      relax_column_count: true,
      // Quotation marks within a field that does not begin with one stand for themselves, as in ="00123".
      relax_quotes: true,
      max_record_size: limits.cellUnits * limits.columns,
    }),
  );
  const rows: Row[] = [];
  let number = skip > 0 ? 1 : 0;
  try {
    for await (const record of parser as AsyncIterable<string[]>) {
      number++;
      const cells = record.map((cell, column) => cellOf(cell, column, number, limits));
      while (cells.length > 0 && cells.at(-1)!.kind === 'empty') cells.pop();
      if (cells.length === 0) continue;
      if (cells.length > limits.columns) throw tooManyColumns(limits.columns);
      if (rows.length >= limits.rows + HEADER_WITHIN) throw tooManyRows(limits.rows);
      rows.push({ number, cells });
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new AppError(
      'table/bad-csv',
      `Row ${number + 1} cannot be read: a quotation mark is never closed, or a cell is too long.`,
      { row: number + 1 },
      error,
    );
  }
  return rows;
}
