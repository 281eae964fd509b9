// When a scheduled query runs (EPCIS 2.0 §8.2.5.3): lists of numbers and [a-b] ranges for each field, times in UTC.

import { AppError } from '@suyuan/contracts';

const FIELDS = {
  second: [0, 59],
  minute: [0, 59],
  hour: [0, 23],
  dayOfMonth: [1, 31],
  month: [1, 12],
  dayOfWeek: [1, 7],
} as const;

type Field = keyof typeof FIELDS;
export type Schedule = Readonly<Partial<Record<Field, string>>>;

const CHARS_MAX = 256;
const MINUTE_MS = 60_000;
/** The 29th of February comes back within eight years. */
const MINUTES_AHEAD_MAX = 8 * 366 * 1_440;

/** Throws `epcis/subscription`. */
export function readSchedule(given: unknown): Schedule {
  if (typeof given !== 'object' || given === null || Object.keys(given).length === 0) {
    throw wrong('Give a schedule with at least one field.');
  }
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(FIELDS, name)) throw wrong(`A schedule has no field ${name.slice(0, 32)}.`);
    if (typeof value !== 'string' || value.length > CHARS_MAX) throw wrong(`${name}: give a text.`);
    numbersOf(name as Field, value);
  }
  return given as Schedule;
}

/** The first time after `after_ms` that fits; undefined when none does, as for the 31st of February. */
export function nextRun(schedule: Schedule, after_ms: number): number | undefined {
  const sets = Object.fromEntries(
    Object.entries(schedule).map(([name, text]) => [name, numbersOf(name as Field, text ?? '')]),
  ) as Partial<Record<Field, ReadonlySet<number>>>;
  const fits = (field: Field, value: number) => sets[field]?.has(value) ?? true;
  // What is finer than the finest field that is given is 0: `hour` alone means on the hour.
  const seconds = [...(sets.second ?? [0])].sort((a, b) => a - b);
  let minute_ms = Math.floor(after_ms / MINUTE_MS) * MINUTE_MS;
  const isHourly = sets.minute !== undefined || sets.second !== undefined;
  for (let n = 0; n < MINUTES_AHEAD_MAX; n += 1, minute_ms += MINUTE_MS) {
    const at = new Date(minute_ms);
    const day = at.getUTCDay() === 0 ? 7 : at.getUTCDay();
    if (
      !fits('month', at.getUTCMonth() + 1) ||
      !fits('dayOfMonth', at.getUTCDate()) ||
      !fits('dayOfWeek', day)
    ) {
      const midnight_ms = Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate() + 1);
      n += (midnight_ms - minute_ms) / MINUTE_MS - 1;
      minute_ms = midnight_ms - MINUTE_MS;
      continue;
    }
    const minuteFits = isHourly ? fits('minute', at.getUTCMinutes()) : at.getUTCMinutes() === 0;
    if (!minuteFits || !fits('hour', at.getUTCHours())) continue;
    for (const second of seconds) {
      const time_ms = minute_ms + second * 1_000;
      if (time_ms > after_ms) return time_ms;
    }
  }
  return undefined;
}

function numbersOf(field: Field, text: string): ReadonlySet<number> {
  const [low, high] = FIELDS[field];
  const numbers = new Set<number>();
  for (const part of text.split(',')) {
    const [, one, from, to] = /^(?:(\d{1,2})|\[(\d{1,2})-(\d{1,2})\])$/.exec(part.trim()) ?? [];
    const first = Number(one ?? from);
    const last = Number(one ?? to);
    if (!Number.isInteger(first) || first < low || last > high || first > last) {
      throw wrong(`${field}: give numbers from ${low} to ${high}, or ranges like [1-5].`);
    }
    for (let number = first; number <= last; number += 1) numbers.add(number);
  }
  return numbers;
}

function wrong(message: string): AppError {
  return new AppError('epcis/subscription', message);
}
