/** What stood in one cell. Text stays as written; a number is the decimal that the spreadsheet shows at 15 digits. */
export type Cell =
  | { readonly kind: 'empty' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'boolean'; readonly text: 'true' | 'false' }
  | {
      /** A date of the spreadsheet: a wall clock without a zone, in ms as if it hung in Greenwich. */
      readonly kind: 'date';
      readonly wall_ms: number;
      readonly hasTime: boolean;
      readonly text: string;
    };

export interface Row {
  /** As the spreadsheet counts it, from 1. */
  readonly number: number;
  /** As many as the header has; missing ones are empty. */
  readonly cells: readonly Cell[];
}

export interface Table {
  readonly header: readonly string[];
  readonly headerRow: number;
  readonly rows: readonly Row[];
}

export interface TableLimits {
  /** Rows with anything in them, below the header. */
  readonly rows: number;
  readonly columns: number;
  /** Of the file. */
  readonly bytes: number;
  /** Of all parts of a workbook that are read, unpacked. */
  readonly unpackedBytes: number;
  /** Of a workbook's shared strings, unpacked: they are held in memory. */
  readonly stringBytes: number;
  /** Units of text in one cell. */
  readonly cellUnits: number;
}

const MiB = 1024 * 1024;

/** Twice the import that must be quick; a year of a large maker. */
export const TABLE_LIMITS: TableLimits = {
  rows: 20_000,
  columns: 64,
  bytes: 16 * MiB,
  unpackedBytes: 64 * MiB,
  stringBytes: 16 * MiB,
  cellUnits: 4096,
};

export const EMPTY: Cell = { kind: 'empty' };

/** `A`, `Z`, `AA` for 0, 25, 26. */
export function columnName(index: number): string {
  let name = '';
  for (let n = index + 1; n > 0; n = Math.floor((n - 1) / 26)) {
    name = String.fromCharCode(65 + ((n - 1) % 26)) + name;
  }
  return name;
}

/** Column of a reference such as `AB12`, from 0; null if it is none. */
export function columnOf(ref: string): number | null {
  const letters = /^([A-Z]{1,3})\d+$/.exec(ref)?.[1];
  if (letters === undefined) return null;
  let n = 0;
  for (const letter of letters) n = n * 26 + letter.charCodeAt(0) - 64;
  return n - 1;
}
