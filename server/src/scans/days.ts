// Days as people in China count them.

const DAY_MS = 86_400_000;
const UTC8_MS = 8 * 3_600_000;

/** The day in UTC+8, as a number since 1970-01-01. */
export function dayOf(time_ms: number): number {
  return Math.floor((time_ms + UTC8_MS) / DAY_MS);
}

/** YYYY-MM-DD. */
export function dayText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
