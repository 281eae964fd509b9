import { AppError } from '@suyuan/contracts';
import type { Cell } from './table.ts';
import { instantOf, type ZoneOffset, zoneOffset } from './zone.ts';

const shown = (text: string) => `"${text.slice(0, 40)}"`;

/** The text of a cell without blanks around it; null if it is empty. */
export function cellText(cell: Cell): string | null {
  return cell.kind === 'empty' ? null : cell.text.trim();
}

/**
 * A quantity as an integer of a unit 10^-scale as large: `1.25` with scale 3 (kg written, grams meant) is 1250. Exact: what
 * does not come out whole is refused, never rounded. Null if the cell is empty. Throws `table/bad-number`.
 */
export function cellInteger(cell: Cell, scale = 0): number | null {
  if (cell.kind === 'empty') return null;
  // Chinese input methods write full-width digits.
  const plain = cell.text.normalize('NFKC').trim();
  const text = /^-?\d{1,3}(,\d{3})+(\.\d+)?$/.test(plain) ? plain.replaceAll(',', '') : plain;
  const match = /^(-?)(\d{1,16})(?:\.(\d{1,16}))?$/.exec(text);
  if (cell.kind === 'date' || cell.kind === 'boolean' || match === null) {
    throw new AppError('table/bad-number', `${shown(cell.text)} is no plain number: write 1234.5.`);
  }
  const [, sign, whole, fraction = ''] = match;
  const digits = fraction.replace(/0+$/, '');
  if (digits.length > scale) {
    throw new AppError(
      'table/bad-number',
      `${shown(cell.text)} has more than ${scale} digits after the point: nothing is rounded here.`,
    );
  }
  const value = Number(`${whole}${digits.padEnd(scale, '0')}`) * (sign === '-' ? -1 : 1);
  if (!Number.isSafeInteger(value)) {
    throw new AppError('table/bad-number', `${shown(cell.text)} is too large.`);
  }
  return value + 0;
}

const DATE =
  /^(\d{4})(?:-(\d{1,2})-(\d{1,2})|\/(\d{1,2})\/(\d{1,2})|年(\d{1,2})月(\d{1,2})日)(?:[T\s]*(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?\s*(Z|[+-]\d{2}:\d{2})?)?$/;

function badDate(text: string): AppError {
  return new AppError(
    'table/bad-date',
    `${shown(text)} is no date as 2024-01-31, 2024/1/31, 2024年1月31日 or 2024-01-31 23:45.`,
  );
}

/** A zone to be used many times. Throws `table/unknown-zone`. */
export function timeZone(name: string): ZoneOffset {
  return zoneOffset(name);
}

/**
 * The instant that a cell names, in ms since 1970: a date of the spreadsheet or a written one. `zone` is where the clock hung, unless the text says
 * its own offset; a date without time is its first moment there. Null if the cell is empty. Throws `table/bad-date`.
 */
export function cellTime(cell: Cell, zone: ZoneOffset): number | null {
  if (cell.kind === 'empty') return null;
  if (cell.kind === 'date') return instantOf(cell.wall_ms, zone);
  const match = cell.kind === 'text' ? DATE.exec(cell.text.normalize('NFKC').trim()) : null;
  if (match === null) throw badDate(cell.text);
  const month = Number(match[2] ?? match[4] ?? match[6]);
  const day = Number(match[3] ?? match[5] ?? match[7]);
  const [year, hour, minute, second] = [match[1], match[8], match[9], match[10]].map((part) =>
    Number(part ?? 0),
  ) as [number, number, number, number];
  const wall_ms = Date.UTC(year, month - 1, day, hour, minute, second);
  const date = new Date(wall_ms);
  const isReal =
    year >= 1900 &&
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    hour < 24 &&
    minute < 60 &&
    second < 60;
  if (!isReal) throw badDate(cell.text);
  return match[11] === undefined ? instantOf(wall_ms, zone) : wall_ms - zoneOffset(match[11])(0);
}
