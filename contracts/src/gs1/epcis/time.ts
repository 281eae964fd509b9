// RFC 3339 date-times with an offset, as EPCIS demands them (dateTimeStamp), in whole numbers.

import { civilFromDays, daysFromCivil } from './civil.ts';

const TIME =
  /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,32}))?(?:([Zz])|([+-])(\d\d):?(\d\d))$/;

export interface EpcisTime {
  /** Milliseconds since 1970-01-01T00:00:00Z, a finer fraction rounded half up. */
  readonly time_ms: number;
  /** `YYYY-MM-DDThh:mm:ss.sssZ` */
  readonly utc: string;
}

const pad = (value: number, digits: number): string => String(value).padStart(digits, '0');

/** `YYYY-MM-DDThh:mm:ss.sssZ` of a time in ms since 1970; for the years 0000 to 9999. */
export function formatTime(time_ms: number): string {
  const day = Math.floor(time_ms / 86_400_000);
  const rest = time_ms - day * 86_400_000;
  const { year, month, day: dayOfMonth } = civilFromDays(day);
  const [h, m, s] = [rest / 3_600_000, (rest / 60_000) % 60, (rest / 1000) % 60].map(Math.floor);
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(dayOfMonth, 2)}T${pad(h!, 2)}:${pad(m!, 2)}:${pad(s!, 2)}.${pad(rest % 1000, 3)}Z`;
}

/** Reads a date-time; null when it is none, has no offset, or lies outside the years 0000 to 9999 in UTC. */
export function parseTime(text: string): EpcisTime | null {
  const match = TIME.exec(text.trim());
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  const fraction = (match[7] ?? '').padEnd(4, '0');
  const days = daysFromCivil(year!, month!, day!);
  const civil = civilFromDays(days);
  if (civil.month !== month || civil.day !== day) return null;
  const offset_min = match[8] === undefined ? Number(match[10]) * 60 + Number(match[11]) : 0;
  if (Number(match[10] ?? 0) > 23 || Number(match[11] ?? 0) > 59) return null;
  // A leap second reads as the first second of the next minute.
  if (hour! > 23 || minute! > 59 || second! > 60) return null;
  const thousandths = Number(fraction.slice(0, 3)) + (fraction[3]! >= '5' ? 1 : 0);
  const local_ms = (((days * 24 + hour!) * 60 + minute!) * 60 + second!) * 1000 + thousandths;
  const time_ms = local_ms - (match[9] === '-' ? -offset_min : offset_min) * 60_000;
  if (second === 60 && Math.floor(time_ms / 1000) % 86_400 !== 0) return null;
  const { year: utcYear } = civilFromDays(Math.floor(time_ms / 86_400_000));
  return utcYear < 0 || utcYear > 9999 ? null : { time_ms, utc: formatTime(time_ms) };
}
