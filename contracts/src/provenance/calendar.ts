// Days of the proleptic Gregorian calendar in UTC, in whole numbers: `contracts` has no Date.

const DAY_MS = 86_400_000;

/** Days from 1970-01-01 to the given date (month 1 to 12, day 1 to 31); negative before it. */
export function daysFromCivil(year: number, month: number, day: number): number {
  // A year that starts in March puts the leap day last, so every month's offset is one formula.
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** Start of a day in ms since 1970 UTC; `month` is `YYYY-MM`. A day beyond the month's end runs into the next month. */
export function dayStart_ms(month: string, day: number): number {
  return daysFromCivil(Number(month.slice(0, 4)), Number(month.slice(5, 7)), day) * DAY_MS;
}
