// The days of a scan history as bars, one for each day of the calendar: a day without scans is a gap, not left out.

import type { ScanDay } from '@suyuan/contracts/verify';

const DAY_MS = 86_400_000;
const DAYS_SHOWN = 14;

export interface DayBar {
  readonly day: string;
  readonly scans: number;
  /** Of the busiest day shown, 0 to 1. */
  readonly share: number;
}

/** The last 14 days up to the last one with scans; none when there are no days. */
export function dayBars(days: readonly ScanDay[]): DayBar[] {
  const last = days.at(-1)?.day;
  const last_ms = last === undefined ? Number.NaN : Date.parse(`${last}T00:00:00Z`);
  if (Number.isNaN(last_ms)) return [];
  const scans = new Map(days.map(({ day, scans: count }) => [day, count]));
  const shown = Array.from({ length: DAYS_SHOWN }, (_, i) => {
    const day = new Date(last_ms - (DAYS_SHOWN - 1 - i) * DAY_MS).toISOString().slice(0, 10);
    return { day, scans: scans.get(day) ?? 0 };
  });
  const most = Math.max(1, ...shown.map((bar) => bar.scans));
  return shown.map((bar) => ({ ...bar, share: bar.scans / most }));
}
