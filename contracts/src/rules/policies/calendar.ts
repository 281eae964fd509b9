// Working days: weekends, less the days worked for holidays, plus the holidays that the State Council announces each year; a
// signed calendar in the state, so that a deadline is the same for everyone (docs/formats.md §5).

import type { CborValue } from '../../encoding/types.ts';
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
