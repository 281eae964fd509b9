// Working days: weekends, less the days worked for holidays, plus the holidays that the State Council announces each year; a
// signed calendar in the state, so that a deadline is the same for everyone (docs/formats.md §5).

import type { CborValue } from '../../encoding/types.ts';
import { daysFromCivil } from '../../provenance/calendar.ts';
import type { StateReader } from '../types.ts';

/** Days of a year counted from 1, China Standard Time. */
export interface Calendar {
  readonly year: number;
  /** Weekdays that are holidays. */
  readonly off: readonly number[];
  /** Weekend days that are worked. */
  readonly on: readonly number[];
  readonly by: string;
}

export function calendarKey(year: number): string {
  return `calendars/${year}`;
}

/** A value that the rules wrote, as its type: only for values from a certified state. */
export function toCalendar(value: CborValue): Calendar {
  return value as unknown as Calendar;
}

export function getCalendar(state: StateReader, year: number): Calendar | undefined {
  const value = state.get(calendarKey(year));
  return value === undefined ? undefined : toCalendar(value);
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** China Standard Time, the whole year. */
const CST_OFFSET_MS = 8 * HOUR_MS;

/**
 * The end (24:00 China Standard Time) of the `days`-th working day after the day of `from_ms`, which does not count itself. A year
 * without a calendar has Monday to Friday, and `uncalendared` says that one was met. `days` is a positive whole number.
 */
export function addWorkdays(
  state: StateReader,
  from_ms: number,
  days: number,
): { readonly due_ms: number; readonly uncalendared: boolean } {
  const isWorkday = createWorkdays(state);
  let day = Math.floor((from_ms + CST_OFFSET_MS) / DAY_MS);
  let uncalendared = false;
  for (let counted = 0; counted < days; ) {
    day += 1;
    const { works, known } = isWorkday(day);
    if (works) counted += 1;
    if (!known) uncalendared = true;
  }
  return { due_ms: (day + 1) * DAY_MS - CST_OFFSET_MS, uncalendared };
}

/** Whether a day (counted from 1970-01-01) is worked, and whether its year has a calendar. */
function createWorkdays(state: StateReader) {
  let year = Number.NaN;
  let first = 0;
  let next = 0;
  let off: ReadonlySet<number> = new Set();
  let on: ReadonlySet<number> = new Set();
  let known = false;
  return (day: number): { readonly works: boolean; readonly known: boolean } => {
    if (!(day >= first && day < next)) {
      year = yearOf(day);
      first = daysFromCivil(year, 1, 1);
      next = daysFromCivil(year + 1, 1, 1);
      const calendar = getCalendar(state, year);
      off = new Set(calendar?.off);
      on = new Set(calendar?.on);
      known = calendar !== undefined;
    }
    const dayOfYear = day - first + 1;
    // 1970-01-01 was a Thursday; Monday is 0.
    const weekend = (((day + 3) % 7) + 7) % 7 >= 5;
    return { works: weekend ? on.has(dayOfYear) : !off.has(dayOfYear), known };
  };
}

function yearOf(day: number): number {
  const guess = 1970 + Math.floor(day / 365.2425);
  if (day < daysFromCivil(guess, 1, 1)) return guess - 1;
  return day < daysFromCivil(guess + 1, 1, 1) ? guess : guess + 1;
}
