import { AppError } from '@suyuan/contracts';
import { openSource } from './byte-source.ts';
import { readCsv } from './read-csv.ts';
import { HEADER_WITHIN, readXlsx, tooManyRows } from './read-xlsx.ts';
import { type Cell, EMPTY, type Row, TABLE_LIMITS, type Table, type TableLimits } from './table.ts';

export interface ReadTableOptions {
  readonly format: 'xlsx' | 'csv';
  /** Of a workbook; the first visible one without. */
  readonly sheet?: string;
  readonly limits?: Partial<TableLimits>;
}

const ZIP = [0x50, 0x4b, 0x03, 0x04];
/** Compound files: workbooks before 2007, and encrypted ones. */
const COMPOUND = [0xd0, 0xcf, 0x11, 0xe0];

const startsWith = (bytes: Uint8Array, magic: readonly number[]) =>
  magic.every((byte, i) => bytes[i] === byte);

function assertKind(start: Uint8Array, format: 'xlsx' | 'csv'): void {
  if (startsWith(start, COMPOUND)) {
    throw new AppError(
      'table/old-format',
      'This is a workbook of the old kind or with a password: save it as xlsx without a password.',
    );
  }
  if (startsWith(start, ZIP) !== (format === 'xlsx')) {
    throw new AppError(
      'table/other-format',
      format === 'xlsx'
        ? 'This is no xlsx workbook: save it as xlsx, or import it as CSV.'
        : 'This is a workbook, not CSV: import it as xlsx.',
    );
  }
}

const textOf = (cell: Cell) => (cell.kind === 'empty' ? '' : cell.text.trim());

/** The first row of texts only, at least two of them unless no row has more than one cell. */
function findHeader(rows: readonly Row[]): number {
  const widest = Math.max(
    0,
    ...rows
      .slice(0, HEADER_WITHIN)
      .map((row) => row.cells.filter((c) => c.kind !== 'empty').length),
  );
  const index = rows.slice(0, HEADER_WITHIN).findIndex((row) => {
    const filled = row.cells.filter((cell) => cell.kind !== 'empty');
    return filled.length >= Math.min(2, widest) && filled.every((cell) => cell.kind === 'text');
  });
  if (index < 0 || rows.length === 0) {
    throw new AppError(
      'table/no-header',
      `None of the first ${HEADER_WITHIN} rows names the columns: put their names into one row above the data.`,
    );
  }
  return index;
}

/**
 * Reads a table from a path or from bytes: the header row and the rows below it that hold anything, with their row numbers. Sizes are
 * checked against `limits` before anything is unpacked. Formulas, merged cells and error cells are refused with their place. Throws `table/…`.
 */
export async function readTable(
  source: string | Uint8Array,
  options: ReadTableOptions,
): Promise<Table> {
  const limits = { ...TABLE_LIMITS, ...options.limits };
  const bytes = await openSource(source);
  try {
    if (bytes.size_bytes > limits.bytes) {
      throw new AppError(
        'table/too-large',
        `The file has ${bytes.size_bytes} bytes, and at most ${limits.bytes} are read: split it into several.`,
        { bytes: bytes.size_bytes, max: limits.bytes },
      );
    }
    assertKind(await bytes.read(0, Math.min(8, bytes.size_bytes)), options.format);
    const rows =
      options.format === 'xlsx'
        ? await readXlsx(bytes, options.sheet, limits)
        : await readCsv(bytes, limits);
    const at = findHeader(rows);
    if (rows.length - at - 1 > limits.rows) throw tooManyRows(limits.rows);
    const header = rows[at]!.cells.map(textOf);
    return {
      header,
      headerRow: rows[at]!.number,
      rows: rows.slice(at + 1).map(({ number, cells }) => ({
        number,
        cells: [...cells, ...Array<Cell>(Math.max(0, header.length - cells.length)).fill(EMPTY)],
      })),
    };
  } finally {
    await bytes.close();
  }
}
