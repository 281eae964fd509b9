import { AppError } from '@suyuan/contracts';
import type { ByteSource } from './byte-source.ts';
import type { TableLimits } from './table.ts';
import { attribute, xmlTokens } from './xml.ts';
import { readZipDirectory, readZipEntry, type ZipEntry } from './zip-directory.ts';

/** The parts of a workbook that its cells refer to. */
export interface Workbook {
  readonly sheet: ZipEntry;
  readonly strings: readonly string[];
  /** By style index: whether a number so formatted is a date. */
  readonly dateStyles: readonly boolean[];
  readonly from1904: boolean;
}

/** Cell formats of a workbook are at most this many (Excel's own limit). */
const STYLES_MAX = 65_490;
const SHEETS_MAX = 255;
/** Longest format that Excel writes. */
const FORMAT_UNITS = 255;
/** Numbers of the built-in date and time formats, those of East Asian versions too (ECMA-376 Part 1 §18.8.30). */
const isBuiltInDate = (id: number) =>
  (id >= 14 && id <= 22) ||
  (id >= 27 && id <= 36) ||
  (id >= 45 && id <= 47) ||
  (id >= 50 && id <= 58);

function damaged(what: string): AppError {
  return new AppError('table/damaged', `The workbook has no ${what}: save it again as xlsx.`);
}

/** True for a format with years, months, days, hours or seconds outside quotes, colours and escapes. */
export function isDateFormat(format: string): boolean {
  const bare = format
    .slice(0, FORMAT_UNITS)
    .replace(/"[^"]*"/g, '')
    .replace(/\\./g, '')
    .replace(/\[(?!h+\]|m+\]|s+\])[^\]]*\]/gi, '')
    .replace(/_.|\*./g, '');
  return /[ymdhs年月日时分秒]/i.test(bare) && !/^general$/i.test(bare);
}

function tooLarge(what: string, bytes: number, max: number): AppError {
  const mib = (n: number) => (n / 1024 / 1024).toFixed(0);
  return new AppError(
    'table/too-large',
    `${what} unpacks to ${mib(bytes)} MiB, and at most ${mib(max)} are read: split the file into several.`,
    { bytes, max },
  );
}

type Open = (name: string) => AsyncGenerator<Uint8Array>;

async function readSheets(open: Open) {
  const sheets: { name: string; id: string; hidden: boolean }[] = [];
  let from1904 = false;
  for await (const tokens of xmlTokens(open('xl/workbook.xml'))) {
    for (const token of tokens) {
      if (token.kind !== 'open') continue;
      if (token.name === 'workbookPr') {
        from1904 = /^(1|true)$/.test(attribute(token.attributes, 'date1904') ?? '');
      } else if (token.name === 'sheet') {
        if (sheets.length >= SHEETS_MAX) throw damaged('reasonable number of sheets');
        sheets.push({
          name: attribute(token.attributes, 'name') ?? '',
          id: / (?:\w+:)id\s*=\s*["']([^"']*)/.exec(` ${token.attributes}`)?.[1] ?? '',
          hidden: (attribute(token.attributes, 'state') ?? 'visible') !== 'visible',
        });
      }
    }
  }
  return { sheets, from1904 };
}

async function targetOf(open: Open, id: string): Promise<string> {
  for await (const tokens of xmlTokens(open('xl/_rels/workbook.xml.rels'))) {
    for (const token of tokens) {
      if (token.kind !== 'open' || token.name !== 'Relationship') continue;
      if (attribute(token.attributes, 'Id') !== id) continue;
      const target = attribute(token.attributes, 'Target') ?? '';
      return target.startsWith('/') ? target.slice(1) : `xl/${target.replace(/^\.\//, '')}`;
    }
  }
  throw damaged('sheet of that name');
}

async function readStrings(chunks: AsyncIterable<Uint8Array>, cellUnits: number) {
  const strings: string[] = [];
  let text: string[] = [];
  let units = 0;
  let inText = false;
  // Readings of the characters (furigana) are not part of the text.
  let inPhonetic = false;
  for await (const tokens of xmlTokens(chunks)) {
    for (const token of tokens) {
      if (token.kind === 'text') {
        if (!inText || inPhonetic) continue;
        units += token.text.length;
        if (units > cellUnits) throw cellTooLong(cellUnits);
        text.push(token.text);
      } else if (token.kind === 'open') {
        if (token.name === 't') inText = !token.empty;
        else if (token.name === 'rPh') inPhonetic = !token.empty;
        else if (token.name === 'si') {
          text = [];
          units = 0;
          if (token.empty) strings.push('');
        }
      } else if (token.name === 't') inText = false;
      else if (token.name === 'rPh') inPhonetic = false;
      else if (token.name === 'si') strings.push(unescapeText(text.join('')));
    }
  }
  return strings;
}

export function cellTooLong(max: number): AppError {
  return new AppError('table/too-large', `A cell holds more than ${max} characters: shorten it.`, {
    max,
  });
}

/** `_x000D_` and the like, as workbooks write control characters (ECMA-376 Part 1 §22.9.2.19). */
export function unescapeText(text: string): string {
  if (!text.includes('_x')) return text;
  return text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

async function readDateStyles(chunks: AsyncIterable<Uint8Array>): Promise<boolean[]> {
  const custom = new Map<number, boolean>();
  const styles: boolean[] = [];
  let inCellXfs = false;
  for await (const tokens of xmlTokens(chunks)) {
    for (const token of tokens) {
      if (token.kind === 'text') continue;
      if (token.name === 'cellXfs') inCellXfs = token.kind === 'open' && !token.empty;
      if (token.kind !== 'open') continue;
      const id = Number(attribute(token.attributes, 'numFmtId') ?? 0);
      if (token.name === 'numFmt') {
        custom.set(id, isDateFormat(attribute(token.attributes, 'formatCode') ?? ''));
      } else if (token.name === 'xf' && inCellXfs) {
        styles.push(custom.get(id) ?? isBuiltInDate(id));
      }
      if (styles.length + custom.size > STYLES_MAX) throw damaged('reasonable number of styles');
    }
  }
  return styles;
}

/**
 * Reads everything of a workbook but its cells: the first visible sheet, or the one named. The sizes of all parts that are read are
 * checked before any is unpacked. Throws `table/damaged`, `table/too-large`, `table/no-sheet`.
 */
export async function readWorkbook(
  source: ByteSource,
  sheetName: string | undefined,
  limits: TableLimits,
): Promise<Workbook> {
  const directory = await readZipDirectory(source);
  let unpacked = 0;
  const entryOf = (name: string, what: string, max: number): ZipEntry | null => {
    const entry = directory.get(name);
    if (entry === undefined) return null;
    unpacked += entry.unpacked_bytes;
    if (entry.unpacked_bytes > max) throw tooLarge(what, entry.unpacked_bytes, max);
    if (unpacked > limits.unpackedBytes) throw tooLarge(what, unpacked, limits.unpackedBytes);
    return entry;
  };
  const open: Open = (name) => {
    const entry = entryOf(name, 'The workbook', limits.unpackedBytes);
    if (entry === null) throw damaged(name);
    return readZipEntry(source, entry);
  };
  const { sheets, from1904 } = await readSheets(open);
  const chosen = sheets.find((s) => (sheetName === undefined ? !s.hidden : s.name === sheetName));
  if (chosen === undefined) {
    throw new AppError(
      'table/no-sheet',
      `The workbook has no such sheet; it has ${sheets
        .map(({ name }) => `"${name.slice(0, 31)}"`)
        .join(', ')
        .slice(0, 400)}.`,
    );
  }
  const sheet = entryOf(await targetOf(open, chosen.id), 'The sheet', limits.unpackedBytes);
  const strings = entryOf('xl/sharedStrings.xml', 'The text of the workbook', limits.stringBytes);
  const styles = entryOf('xl/styles.xml', 'The styles of the workbook', limits.unpackedBytes);
  if (sheet === null) throw damaged('sheet');
  return {
    sheet,
    from1904,
    strings:
      strings === null ? [] : await readStrings(readZipEntry(source, strings), limits.cellUnits),
    dateStyles: styles === null ? [] : await readDateStyles(readZipEntry(source, styles)),
  };
}
