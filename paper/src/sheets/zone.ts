import { AppError } from '@suyuan/contracts';

/** Tells the offset of a zone, in ms east of Greenwich, at an instant. */
export type ZoneOffset = (time_ms: number) => number;

const HOUR_MS = 3_600_000;

/** A zone by its name (`Asia/Shanghai`) or offset (`+08:00`, `Z`). Throws `table/unknown-zone`. */
export function zoneOffset(zone: string): ZoneOffset {
  if (zone === 'Z') return () => 0;
  const fixed = /^([+-])(0\d|1[0-4]):([0-5]\d)$/.exec(zone);
  if (fixed !== null) {
    const offset_ms = (Number(fixed[2]) * 60 + Number(fixed[3])) * 60_000;
    return () => (fixed[1] === '-' ? -offset_ms : offset_ms);
  }
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch (error) {
    throw new AppError(
      'table/unknown-zone',
      'Name the time zone as Asia/Shanghai or as an offset such as +08:00.',
      { zone: zone.slice(0, 64) },
      error,
    );
  }
  return (time_ms) => {
    const part = Object.fromEntries(
      format.formatToParts(time_ms).map(({ type, value }) => [type, Number(value)]),
    ) as Record<string, number>;
    const wall_ms = Date.UTC(
      part.year!,
      part.month! - 1,
      part.day!,
      part.hour!,
      part.minute!,
      part.second!,
    );
    return wall_ms - Math.floor(time_ms / 1000) * 1000;
  };
}

/**
 * The instant at which a clock on the wall of a zone shows `wall_ms` (ms as if in Greenwich). Throws `table/bad-date` for an hour that a
 * change of clocks skips or repeats.
 */
export function instantOf(wall_ms: number, offset: ZoneOffset): number {
  const candidates = [-26 * HOUR_MS, 26 * HOUR_MS]
    .map((far_ms) => wall_ms - offset(wall_ms + far_ms))
    .filter((time_ms) => time_ms + offset(time_ms) === wall_ms);
  const [first, second] = candidates;
  if (first === undefined || (second !== undefined && second !== first)) {
    const what = first === undefined ? 'never was' : 'came twice';
    throw new AppError(
      'table/bad-date',
      `${new Date(wall_ms).toISOString().slice(0, 16).replace('T', ' ')} ${what} in this time zone: write it with its offset, as in 2024-01-31T23:45:00+08:00.`,
    );
  }
  return first;
}
