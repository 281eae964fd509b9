// Times as loggers print them. 03/04/2025 is two days: which of them, the file or the person has to say.

import { AppError } from '@suyuan/contracts';

export type DateOrder = 'dmy' | 'mdy' | 'ymd';

/** A wall clock, in ms as if it hung in Greenwich, and its own offset where the text has one. */
export interface WallTime {
  readonly wall_ms: number;
  readonly offset_ms: number | null;
}

const CLOCK =
  /[T\s,]*(?:(上午|下午|[AP]M)\s*)?(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?\s*([AP]\.?M\.?)?\s*(Z|(?:UTC|GMT)?[+-]\d{2}:?\d{2})?$/
    .source;
const pattern = (day: string): RegExp => new RegExp(`^${day}${CLOCK}`, 'i');
const YEAR_FIRST = pattern('(\\d{4})[-/.年](\\d{1,2})[-/.月](\\d{1,2})日?');
const NUMBERS = pattern('(\\d{1,2})([-/.])(\\d{1,2})[-/.](\\d{4}|\\d{2})(?!\\d)');
const DAY_MONTH = pattern('(\\d{1,2})[-\\s/.]+([a-z]{3,9})\\.?[-\\s/.,]+(\\d{4})');
const MONTH_DAY = pattern('([a-z]{3,9})\\.?\\s+(\\d{1,2}),?\\s+(\\d{4})');
const MONTHS = 'janfebmaraprmayjunjulaugsepoctnovdec';

/**
 * Whether days or months come first in dates such as 31/01/2025, by the dates of the whole file; null when there are none to ask. Throws
 * `import/ambiguous-date` when none of them tells, or two of them tell different things.
 */
export function dateOrderOf(texts: readonly string[]): DateOrder | null {
  let dayFirst = false;
  let monthFirst = false;
  let asked = false;
  for (const text of texts) {
    const match = NUMBERS.exec(plain(text));
    if (match === null || match[2] === '.') continue;
    asked = true;
    if (match[4]?.length === 2) throw ambiguous(text);
    dayFirst ||= Number(match[1]) > 12;
    monthFirst ||= Number(match[3]) > 12;
  }
  if (!asked) return null;
  if (dayFirst === monthFirst) throw ambiguous(texts.find((t) => NUMBERS.test(plain(t))) ?? '');
  return dayFirst ? 'dmy' : 'mdy';
}

/** Throws `import/bad-time`, or `import/ambiguous-date` without an order where one is needed. */
export function loggerTime(text: string, order: DateOrder | null): WallTime {
  const trimmed = plain(text);
  const numbers = NUMBERS.exec(trimmed);
  const first = YEAR_FIRST.exec(trimmed);
  const named = DAY_MONTH.exec(trimmed);
  const american = MONTH_DAY.exec(trimmed);
  if (first !== null)
    return wall(text, Number(first[1]), Number(first[2]), Number(first[3]), first.slice(4));
  if (named !== null) {
    return wall(text, Number(named[3]), monthOf(named[2]), Number(named[1]), named.slice(4));
  }
  if (american !== null) {
    return wall(
      text,
      Number(american[3]),
      monthOf(american[1]),
      Number(american[2]),
      american.slice(4),
    );
  }
  if (numbers === null) throw badTime(text);
  const [, a, mark, b, c] = numbers;
  // A date with points is written day first wherever it is written.
  const by = order ?? (mark === '.' ? 'dmy' : null);
  if (by === null) throw ambiguous(text);
  const [year, month, day] = by === 'dmy' ? [c, b, a] : by === 'mdy' ? [c, a, b] : [a, b, c];
  const short = String(year).length === 2 ? 2000 : 0;
  return wall(text, Number(year) + short, Number(month), Number(day), numbers.slice(5));
}

function wall(
  text: string,
  year: number,
  month: number,
  day: number,
  [before, hours, minutes, seconds, after, zone]: readonly (string | undefined)[],
): WallTime {
  const half = (before ?? after)?.toLowerCase().replaceAll('.', '');
  const twelve = half !== undefined;
  const late = half === 'pm' || half === '下午';
  const written = Number(hours);
  const hour = twelve ? (written % 12) + (late ? 12 : 0) : written;
  const minute = Number(minutes);
  const second = Number(seconds ?? 0);
  const wall_ms = Date.UTC(year, month - 1, day, hour, minute, second);
  const date = new Date(wall_ms);
  const isReal =
    year >= 1990 &&
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    hour < 24 &&
    (!twelve || (written >= 1 && written <= 12)) &&
    minute < 60 &&
    second < 60;
  if (!isReal) throw badTime(text);
  return { wall_ms, offset_ms: zone === undefined ? null : offsetOf(zone) };
}

/** `Z`, `+0800`, `UTC+08:00`. */
function offsetOf(zone: string): number {
  const match = /([+-])(\d{2}):?(\d{2})$/.exec(zone);
  if (match === null) return 0;
  const size_ms = (Number(match[2]) * 60 + Number(match[3])) * 60_000;
  return match[1] === '-' ? -size_ms : size_ms;
}

function monthOf(name = ''): number {
  const at = MONTHS.indexOf(name.slice(0, 3).toLowerCase());
  return at >= 0 && at % 3 === 0 ? at / 3 + 1 : 0;
}

const plain = (text: string): string => text.normalize('NFKC').trim();

function badTime(text: string): AppError {
  return new AppError(
    'import/bad-time',
    `"${text.slice(0, 40)}" is no date with a time of day, as in 2025-01-31 23:45.`,
  );
}

function ambiguous(text: string): AppError {
  return new AppError(
    'import/ambiguous-date',
    `"${text.slice(0, 40)}" can be two days: say --date-order dmy (31/01/2025), mdy (01/31/2025) or ymd.`,
  );
}
