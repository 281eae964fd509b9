// Working days in China as the State Council announced them, year by year, for the deadlines of recalls.

import chineseDays from 'chinese-days';

const DAY_MS = 86_400_000;

export interface YearOfDays {
  readonly year: number;
  /** Days of the year from 1: weekdays that are holidays, weekend days that are worked. */
  readonly off: readonly number[];
  readonly on: readonly number[];
}

/** Undefined for a year that nobody has announced yet: without a calendar Monday to Friday count, and the ledger says so. */
export function calendarOf(year: number): YearOfDays | undefined {
  const off: number[] = [];
  const on: number[] = [];
  const first_ms = Date.UTC(year, 0, 1);
  for (let day = 1; first_ms + (day - 1) * DAY_MS < Date.UTC(year + 1, 0, 1); day += 1) {
    const date = new Date(first_ms + (day - 1) * DAY_MS);
    const weekend = [0, 6].includes(date.getUTCDay());
    const works = chineseDays.isWorkday(date.toISOString().slice(0, 10));
    if (weekend && works) on.push(day);
    if (!weekend && !works) off.push(day);
  }
  return off.length === 0 ? undefined : { year, off, on };
}
