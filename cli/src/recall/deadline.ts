// How long the law leaves: hours for the start, working days for the end, by the calendars on the ledger.

import { addWorkdays, type CborValue, calendarKey } from '@suyuan/contracts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const CST_OFFSET_MS = 8 * HOUR_MS;
/** Deadlines are of some thirty working days; what is further off is counted no further. */
const WORKDAYS_MAX = 400;

/** Both on the clock of China, where deadlines end at midnight. */
export function chinaTime(time_ms: number): string {
  const text = new Date(time_ms + CST_OFFSET_MS).toISOString();
  return `${text.slice(0, 10)} ${text.slice(11, 16)} +08`;
}

/** `2 d 3 h`, `5 h 20 min`, `12 min`; of a negative span its length. */
export function spanText(span_ms: number): string {
  const minutes = Math.floor(Math.abs(span_ms) / MINUTE_MS);
  const [days, hours, rest] = [
    Math.floor(minutes / 1440),
    Math.floor(minutes / 60) % 24,
    minutes % 60,
  ];
  if (days > 0) return hours === 0 ? `${days} d` : `${days} d ${hours} h`;
  if (hours > 0) return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
  return `${rest} min`;
}

/** The keys of the calendars that matter from now to the deadline. */
export function calendarKeys(now_ms: number, due_ms: number): string[] {
  const yearOf = (time_ms: number) => new Date(time_ms + CST_OFFSET_MS).getUTCFullYear();
  const [first, last] = [yearOf(now_ms), yearOf(due_ms)];
  return Array.from({ length: Math.max(1, Math.min(4, last - first + 1)) }, (_, i) =>
    calendarKey(first + i),
  );
}

/** Whole working days that are left after today until the deadline; 0 when today is the last. */
export function workdaysLeft(
  calendars: ReadonlyMap<string, CborValue>,
  now_ms: number,
  due_ms: number,
): number {
  const state = { get: (key: string) => calendars.get(key) };
  let left = 0;
  while (left < WORKDAYS_MAX && addWorkdays(state, now_ms, left + 1).due_ms <= due_ms) left += 1;
  return left;
}

export function startLine(due_ms: number, left_ms: number): string {
  const left = left_ms < 0 ? `OVERDUE by ${spanText(left_ms)}` : `${spanText(left_ms)} left`;
  return `${chinaTime(due_ms)}  ${left}`;
}

export function finishLine(due_ms: number, left_ms: number, workdays: number): string {
  // It ends at midnight, which people write on the day before.
  const day = `${chinaTime(due_ms - 1).slice(0, 10)} 24:00 +08`;
  if (left_ms < 0) return `${day}  OVERDUE by ${spanText(left_ms)}`;
  if (workdays === 0) return `${day}  today is the last day, ${spanText(left_ms)} left`;
  return `${day}  ${workdays} working day${workdays === 1 ? '' : 's'} left`;
}
