// Axes with round numbers.

import { DAY_MS, HOUR_MS } from '../format/duration.ts';
import type { Locale } from '../i18n/locale.ts';

const STEPS = [1, 2, 5, 10];

/** Round ticks that enclose [low, high], about `count` of them, in the shown unit. */
export function niceTicks(low: number, high: number, count: number): number[] {
  const span = Math.max(high - low, 1e-9);
  const power = 10 ** Math.floor(Math.log10(span / count));
  const step = (STEPS.find((factor) => span / (factor * power) <= count) ?? 10) * power;
  const first = Math.floor(low / step);
  const last = Math.ceil(high / step);
  return Array.from({ length: last - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  );
}

export interface TimeTick {
  readonly time_ms: number;
  readonly label: string;
}

const MONTH_STEPS = [1, 2, 3, 6, 12, 24, 60];

function monthTicks(from_ms: number, to_ms: number, count: number): TimeTick[] {
  const months = (to_ms - from_ms) / (30.4 * DAY_MS);
  const step = MONTH_STEPS.find((candidate) => months / candidate <= count) ?? 120;
  const begin = new Date(from_ms);
  const ticks: TimeTick[] = [];
  const first = begin.getFullYear() * 12 + begin.getMonth();
  for (let month = Math.ceil(first / step) * step; ; month += step) {
    const date = new Date(Math.floor(month / 12), month % 12, 1);
    if (date.getTime() > to_ms) return ticks;
    if (date.getTime() < from_ms) continue;
    const year = date.getFullYear();
    const label =
      step >= 12 ? String(year) : `${year}-${String(date.getMonth() + 1).padStart(2, '0')}`;
    ticks.push({ time_ms: date.getTime(), label });
  }
}

const SHORT_STEPS_MS = [
  HOUR_MS,
  2 * HOUR_MS,
  3 * HOUR_MS,
  6 * HOUR_MS,
  12 * HOUR_MS,
  DAY_MS,
  2 * DAY_MS,
  5 * DAY_MS,
  10 * DAY_MS,
];

/** Ticks at local hours, days or months, at most about `count`. */
export function timeTicks(
  from_ms: number,
  to_ms: number,
  count: number,
  locale: Locale,
): TimeTick[] {
  const span_ms = to_ms - from_ms;
  if (span_ms <= 0) return [];
  if (span_ms > 70 * DAY_MS) return monthTicks(from_ms, to_ms, count);
  const step_ms = SHORT_STEPS_MS.find((candidate) => span_ms / candidate <= count) ?? 20 * DAY_MS;
  const midnight = new Date(from_ms);
  midnight.setHours(0, 0, 0, 0);
  const ticks: TimeTick[] = [];
  for (let time_ms = midnight.getTime(); time_ms <= to_ms; time_ms += step_ms) {
    if (time_ms < from_ms) continue;
    const date = new Date(time_ms);
    const hour = date.getHours();
    const day = `${date.getMonth() + 1}月${date.getDate()}日`;
    const named =
      locale === 'zh'
        ? day
        : new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' }).format(time_ms);
    ticks.push({ time_ms, label: hour === 0 ? named : `${String(hour).padStart(2, '0')}:00` });
  }
  return ticks;
}
