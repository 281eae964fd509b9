// Validation of one element: an Application Identifier and its value. Country, currency and package codes are checked for
// their form, not for being assigned: those lists change more often than this code.

import { AppError } from '../errors.ts';
import { AI_TABLE, type AiPart } from './ai-table.ts';
import { hasCheckDigit, hasCheckPair } from './check-digit.ts';

/** One element: `ai` is 2 to 4 digits, `value` its plain text (no percent-encoding). */
export interface AiElement {
  readonly ai: string;
  readonly value: string;
}

const CHARSETS: Readonly<Record<AiPart['charset'], RegExp>> = {
  n: /^\d+$/,
  x: /^[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]+$/,
  y: /^[#\-/0-9A-Z]+$/,
  z: /^[A-Za-z0-9_-]+={0,2}$/,
};

function isDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12) return false;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
  return day >= 1 && day <= days;
}

// YYMMDD: the century is not written. 2000 is a leap year, so the two digits decide alone.
const isShortDate = (v: string): boolean =>
  isDay(2000 + Number(v.slice(0, 2)), Number(v.slice(2, 4)), Number(v.slice(4)));

const isIban = (v: string): boolean => {
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]+$/.test(v)) return false;
  let rest = 0;
  for (const c of v.slice(4) + v.slice(0, 4)) {
    const n = Number.parseInt(c, 36);
    rest = (rest * (n > 9 ? 100 : 10) + n) % 97;
  }
  return rest === 1;
};

/** The letters of the table: what a part must be beyond its characters and length. */
const PART_CHECKS: Readonly<Record<string, (value: string) => boolean>> = {
  k: hasCheckDigit,
  g: hasCheckPair,
  // YYMMDD, where day 00 means the whole month, and YYMMDD with a day.
  d: (v) => isShortDate(v.endsWith('00') ? `${v.slice(0, 4)}01` : v),
  D: isShortDate,
  Y: (v) => isDay(Number(v.slice(0, 4)), Number(v.slice(4, 6)), Number(v.slice(6))),
  t: (v) => Number(v.slice(0, 2)) < 24 && Number(v.slice(2)) < 60,
  h: (v) => Number(v) < 24,
  m: (v) => Number(v) < 60,
  a: (v) => Number(v) <= 1_800_000_000,
  o: (v) => Number(v) <= 3_600_000_000,
  A: (v) => /^[A-Z]{2}$/.test(v),
  b: (v) => v === '0' || v === '1',
  s: (v) => '0129'.includes(v),
  w: (v) => '019'.includes(v),
  Z: (v) => v === '0',
  p: (v) => Number(v) > 0,
  l: (v) => v === '0' || !v.startsWith('0'),
  q: (v) => {
    const [piece, total] = [Number(v.slice(0, 2)), Number(v.slice(2))];
    return piece > 0 && piece <= total;
  },
  i: isIban,
  e: (v) => !/%(?![0-9A-Fa-f]{2})|%00/.test(v),
  '-': (v) => v === '-',
  '/': (v) => /^[1-9]\/[1-9]$/.test(v) && v[0]! <= v[2]!,
};

function badValue(ai: string): AppError {
  return new AppError(
    'gs1/bad-value',
    `The value of (${ai}) has a wrong length, character, date or check digit: compare it with the label.`,
    { ai },
  );
}

/** Returns if `ai` is known and `value` may stand under it. Throws `gs1/unknown-ai` or `gs1/bad-value`. */
export function assertAiValue(ai: string, value: string): void {
  const entry = AI_TABLE.get(ai);
  if (entry === undefined) {
    throw new AppError('gs1/unknown-ai', 'An Application Identifier is not known to GS1.', {
      ai: ai.slice(0, 8),
    });
  }
  let rest = value;
  for (const part of entry.parts) {
    if (rest === '' && part.optional) break;
    const text = rest.slice(0, part.max);
    rest = rest.slice(part.max);
    if (text.length < part.min || !CHARSETS[part.charset].test(text)) throw badValue(ai);
    for (const check of part.checks) if (!PART_CHECKS[check]!(text)) throw badValue(ai);
  }
  if (rest !== '') throw badValue(ai);
}
