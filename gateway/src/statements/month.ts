// Days and months of UTC as integers.

export const DAY_MS = 86_400_000;

/** `YYYY-MM` of a time. */
export function monthOf(time_ms: number): string {
  return new Date(time_ms).toISOString().slice(0, 7);
}

/** First millisecond of the month, and of the month after. */
export function monthRange_ms(month: string): { from_ms: number; to_ms: number } {
  const year = Number(month.slice(0, 4));
  const index = Number(month.slice(5, 7)) - 1;
  return { from_ms: Date.UTC(year, index, 1), to_ms: Date.UTC(year, index + 1, 1) };
}

export function startOfDay_ms(time_ms: number): number {
  return Math.floor(time_ms / DAY_MS) * DAY_MS;
}
