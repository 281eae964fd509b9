import { AppError } from '@suyuan/contracts';
import type { Cell } from './table.ts';

const DAY_MS = 86_400_000;
/** 1970-01-01 as a serial day of each calendar. */
const EPOCH_1900 = 25_569;
const EPOCH_1904 = 24_107;
/** 9999-12-31, the last day of the calendar. */
const SERIAL_MAX = 2_958_465;

const two = (n: number) => String(n).padStart(2, '0');

/** `2024-01-31`, or with a time `2024-01-31 23:45:00`. */
export function wallText(wall_ms: number, hasTime: boolean): string {
  const iso = new Date(wall_ms).toISOString();
  return hasTime ? `${iso.slice(0, 10)} ${iso.slice(11, 19)}` : iso.slice(0, 10);
}

/**
 * A cell formatted as a date. A number below 1 is a time of day, given as text `08:30:00`. The calendar of 1900 believes in a 29 February 1900:
 * that day is refused, and those before it are one day later than they count. Throws `table/bad-date`.
 */
export function dateCell(serial: number, from1904: boolean, where: string): Cell {
  if (
    !Number.isFinite(serial) ||
    serial < 0 ||
    serial >= SERIAL_MAX + 1 ||
    (!from1904 && Math.floor(serial) === 60)
  ) {
    throw new AppError(
      'table/bad-date',
      `${where} is formatted as a date but holds none: correct it.`,
    );
  }
  if (serial < 1) {
    const seconds = Math.round(serial * 86_400) % 86_400;
    const hms = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
    return { kind: 'text', text: hms.map(two).join(':') };
  }
  const days = from1904 ? serial - EPOCH_1904 : serial - EPOCH_1900 + (serial < 60 ? 1 : 0);
  // A serial has some 11 digits after the point: finer than a millisecond is noise.
  const wall_ms = Math.round(days * DAY_MS);
  const hasTime = !Number.isInteger(serial);
  return { kind: 'date', wall_ms, hasTime, text: wallText(wall_ms, hasTime) };
}
