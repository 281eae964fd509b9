// A file of rows as an import takes it: table, columns, and the name of its bytes.

import { createHash } from 'node:crypto';
import {
  applyMapping,
  assertMapped,
  type ColumnMap,
  type Field,
  mapColumns,
  readTable,
  saveMapping,
  type Table,
  type TableLimits,
} from '@suyuan/paper';
import { CliError } from '../errors.ts';
import { readFileOr, readJson, writeFileOr } from '../io.ts';

export interface SheetOptions {
  readonly map?: string;
  readonly saveMap?: string;
  readonly sheet?: string;
}

export interface SheetFile {
  readonly table: Table;
  /** SHA-256 of the file. */
  readonly sha256: string;
}

const ZIP = [0x50, 0x4b, 0x03, 0x04];

/** Throws CliError or `table/…`. */
export async function readSheet(
  path: string,
  sheet: string | undefined,
  limits: Partial<TableLimits> = {},
): Promise<SheetFile> {
  const bytes = await readFileOr(path, 'table');
  const isWorkbook = ZIP.every((byte, i) => bytes[i] === byte) || /\.xlsx?$/i.test(path);
  if (sheet !== undefined && !isWorkbook) throw new CliError('--sheet is for workbooks (xlsx)');
  const table = await readTable(bytes, {
    format: isWorkbook ? 'xlsx' : 'csv',
    ...(sheet === undefined ? {} : { sheet }),
    limits,
  });
  return { table, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** Which column is which: by the saved mapping, else by name. Writes `--save-map`. Throws CliError or `mapping/…`. */
export async function columnsOf(
  header: readonly string[],
  fields: readonly Field[],
  { map, saveMap }: SheetOptions,
): Promise<ColumnMap> {
  const mapping =
    map === undefined
      ? mapColumns(header, fields)
      : applyMapping(await readJson(map, 'mapping'), header, fields);
  const columns = assertMapped(mapping, header, fields);
  if (saveMap !== undefined) {
    await writeFileOr(saveMap, `${JSON.stringify(saveMapping(columns, header), null, 2)}\n`);
  }
  return columns;
}
