import { AppError } from '@suyuan/contracts';
import type { ByteSource } from './byte-source.ts';
import { dateCell } from './excel-date.ts';
import { type Cell, columnName, columnOf, EMPTY, type Row, type TableLimits } from './table.ts';
import { cellTooLong, readWorkbook, unescapeText, type Workbook } from './workbook.ts';
import { attribute, type XmlToken, xmlTokens } from './xml.ts';
import { readZipEntry } from './zip-directory.ts';

interface RawCell {
  readonly where: string;
  readonly column: number;
  readonly type: string;
  readonly style: number;
  text: string;
}

/** Excel shows 15 digits; what lies behind them is binary noise. */
const DIGITS = 15;
const ROWS_OF_SHEET = 1_048_576;

function numberCell(raw: RawCell, workbook: Workbook): Cell {
  const value = Number(raw.text);
  if (!Number.isFinite(value) || raw.text.trim() === '') {
    throw new AppError('table/damaged', `${raw.where} holds no number: type it again.`);
  }
  if (workbook.dateStyles[raw.style] === true) return dateCell(value, workbook.from1904, raw.where);
  return { kind: 'number', text: String(Number(value.toPrecision(DIGITS))) };
}

function isoCell(raw: RawCell): Cell {
  const wall_ms = Date.parse(/T/.test(raw.text) ? `${raw.text.replace(/Z$/, '')}Z` : raw.text);
  if (Number.isNaN(wall_ms)) {
    throw new AppError(
      'table/bad-date',
      `${raw.where} is formatted as a date but holds none: correct it.`,
    );
  }
  return dateCell(wall_ms / 86_400_000 + 25_569, false, raw.where);
}

function cellOf(raw: RawCell, workbook: Workbook): Cell {
  if (raw.type === 's') {
    const text = /^\d{1,9}$/.test(raw.text) ? workbook.strings[Number(raw.text)] : undefined;
    if (text === undefined) {
      throw new AppError(
        'table/damaged',
        `${raw.where} points to a text that is missing: save the file again.`,
      );
    }
    return text.trim() === '' ? EMPTY : { kind: 'text', text };
  }
  if (raw.type === 'e') {
    throw new AppError(
      'table/error-cell',
      `${raw.where} shows an error of the spreadsheet: correct it.`,
    );
  }
  if (raw.type === 'inlineStr' || raw.type === 'str') {
    const text = unescapeText(raw.text);
    return text.trim() === '' ? EMPTY : { kind: 'text', text };
  }
  if (raw.text === '') return EMPTY;
  if (raw.type === 'b') return { kind: 'boolean', text: raw.text === '1' ? 'true' : 'false' };
  if (raw.type === 'd') return isoCell(raw);
  return numberCell(raw, workbook);
}

/** The cells of a sheet as its XML is read; merged ranges stand behind them. */
class SheetReader {
  readonly #workbook: Workbook;
  readonly #limits: TableLimits;
  readonly #rows: Row[] = [];
  readonly #merged: string[] = [];
  #row = 0;
  #cells: Cell[] = [];
  #column = -1;
  #cell: RawCell | null = null;
  #inValue = false;
  #inPhonetic = false;

  constructor(workbook: Workbook, limits: TableLimits) {
    this.#workbook = workbook;
    this.#limits = limits;
  }

  take(token: XmlToken): void {
    if (token.kind === 'text') {
      if (this.#cell === null || !this.#inValue || this.#inPhonetic) return;
      this.#cell.text += token.text;
      if (this.#cell.text.length > this.#limits.cellUnits)
        throw cellTooLong(this.#limits.cellUnits);
    } else if (token.kind === 'open') {
      this.#open(token.name, token.attributes);
      if (token.empty) this.#close(token.name);
    } else this.#close(token.name);
  }

  #open(name: string, attributes: string): void {
    if (name === 'row') {
      const number = Number(attribute(attributes, 'r') ?? this.#row + 1);
      if (!Number.isInteger(number) || number <= this.#row || number > ROWS_OF_SHEET) {
        throw new AppError(
          'table/damaged',
          'The rows of the sheet are out of order: save it again.',
        );
      }
      this.#row = number;
      this.#cells = [];
      this.#column = -1;
    } else if (name === 'c') this.#openCell(attributes);
    else if (name === 'v' || name === 't') this.#inValue = true;
    else if (name === 'rPh') this.#inPhonetic = true;
    else if (name === 'f' && this.#cell !== null) throw formulaAt(this.#cell.where, this.#row);
    else if (name === 'mergeCell' && this.#merged.length < 5) {
      this.#merged.push((attribute(attributes, 'ref') ?? '?').slice(0, 21));
    }
  }

  #openCell(attributes: string): void {
    const ref = attribute(attributes, 'r');
    const column = ref === null ? this.#column + 1 : columnOf(ref);
    if (column === null || column <= this.#column) {
      throw new AppError(
        'table/damaged',
        `The cells of row ${this.#row} are out of order: save the file again.`,
      );
    }
    this.#column = column;
    this.#cell = {
      where: `${columnName(column)}${this.#row}`,
      column,
      type: attribute(attributes, 't') ?? 'n',
      style: Number(attribute(attributes, 's') ?? 0),
      text: '',
    };
  }

  #close(name: string): void {
    if (name === 'v' || name === 't') this.#inValue = false;
    else if (name === 'rPh') this.#inPhonetic = false;
    else if (name === 'c' && this.#cell !== null) {
      const cell = cellOf(this.#cell, this.#workbook);
      if (cell.kind !== 'empty') {
        if (this.#cell.column >= this.#limits.columns) throw tooManyColumns(this.#limits.columns);
        while (this.#cells.length < this.#cell.column) this.#cells.push(EMPTY);
        this.#cells.push(cell);
      }
      this.#cell = null;
    } else if (name === 'row' && this.#cells.length > 0) {
      // The header and titles above it come on top.
      if (this.#rows.length >= this.#limits.rows + HEADER_WITHIN)
        throw tooManyRows(this.#limits.rows);
      this.#rows.push({ number: this.#row, cells: this.#cells });
      this.#cells = [];
    }
  }

  finish(): Row[] {
    if (this.#merged.length > 0) {
      throw new AppError(
        'table/merged-cells',
        `Cells are merged (${this.#merged.join(', ')}): unmerge them and fill in each cell.`,
        { range: this.#merged[0]! },
      );
    }
    return this.#rows;
  }
}

/** The header stands among this many first rows. */
export const HEADER_WITHIN = 20;

export function formulaAt(where: string, row: number): AppError {
  return new AppError(
    'table/formula',
    `${where} holds a formula: copy the column and paste it as values, then save again.`,
    { cell: where, row },
  );
}

export function tooManyRows(max: number): AppError {
  return new AppError(
    'table/too-many-rows',
    `The table has more than ${max} rows: split the file into several.`,
    { max },
  );
}

export function tooManyColumns(max: number): AppError {
  return new AppError(
    'table/too-many-columns',
    `The table has more than ${max} columns: delete those that are not needed.`,
    { max },
  );
}

/** All rows of one sheet that hold anything. Throws `table/…`. */
export async function readXlsx(
  source: ByteSource,
  sheetName: string | undefined,
  limits: TableLimits,
): Promise<Row[]> {
  const workbook = await readWorkbook(source, sheetName, limits);
  const reader = new SheetReader(workbook, limits);
  for await (const tokens of xmlTokens(readZipEntry(source, workbook.sheet))) {
    for (const token of tokens) reader.take(token);
  }
  return reader.finish();
}
