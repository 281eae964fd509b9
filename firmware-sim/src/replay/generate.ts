// A logger file made up from the sensors of this room: a year of the same shape, with gaps as real loggers have them.

import { AppError } from '@suyuan/contracts';
import { createSeededRandom } from '../random/random.ts';
import { MINUTE_MS } from '../sensors/noise.ts';
import type { Sensor } from '../sensors/types.ts';
import { LOGGER_HEADER } from './logger-file.ts';

export interface GeneratedSensor {
  readonly name: string;
  readonly sensor: Sensor;
}

export interface GenerateOptions {
  readonly seed: string | number;
  readonly sensors: readonly GeneratedSensor[];
  /** First moment, ms. */
  readonly start_ms: number;
  readonly site?: string;
  readonly interval_ms?: number;
  /** Rows of each sensor; the default is a leap year of quarter hours. */
  readonly rows?: number;
  /** Gaps of each sensor: rows that are there with both values empty. */
  readonly gaps?: { readonly count: number; readonly longest_rows: number };
}

const SENSORS_MAX = 64;
const ROWS_MAX = 10_000_000;

/** The lines of the file, each with its line end, the header first; sensors one after another. Throws `generate/bad-option`. */
export async function* generateLoggerYear(options: GenerateOptions): AsyncGenerator<string, void> {
  const { sensors, start_ms, site = 'Xinhui' } = options;
  const interval_ms = options.interval_ms ?? 15 * MINUTE_MS;
  const rows = options.rows ?? 366 * 96;
  if (
    sensors.length === 0 ||
    sensors.length > SENSORS_MAX ||
    !(rows > 0 && rows <= ROWS_MAX) ||
    [site, ...sensors.map(({ name }) => name)].some((name) => !/^[^",\r\n]{1,64}$/.test(name))
  ) {
    throw new AppError(
      'generate/bad-option',
      `give 1 to ${SENSORS_MAX} sensors, 1 to ${ROWS_MAX} rows and names without commas or quotes`,
    );
  }
  yield `${LOGGER_HEADER}\n`;
  for (const { name, sensor } of sensors) {
    const missing = gapRows(`${options.seed}/${name}`, rows, options.gaps);
    for (let row = 0; row < rows; row++) {
      const time_ms = start_ms + row * interval_ms;
      const time = new Date(time_ms).toISOString().replace('.000Z', 'Z');
      yield `${site},${name},${time},${missing(row) ? ',' : values(sensor, time_ms)}\n`;
    }
  }
}

function values(sensor: Sensor, time_ms: number): string {
  const readings = sensor.read(time_ms);
  const text = (quantity: string): string => {
    const found = readings.find((reading) => reading.quantity === quantity);
    return found === undefined ? '' : milliToText(found.value);
  };
  return `${text('temperature')},${text('humidity')}`;
}

/** 21800 → `21.8`: by digits, as it will be read. */
export function milliToText(milli: number): string {
  const digits = String(Math.abs(milli)).padStart(4, '0');
  const fraction = digits.slice(-3).replace(/0+$/, '');
  const sign = milli < 0 ? '-' : '';
  return `${sign}${digits.slice(0, -3)}${fraction === '' ? '' : `.${fraction}`}`;
}

function gapRows(
  seed: string,
  rows: number,
  gaps: GenerateOptions['gaps'] = { count: 6, longest_rows: 96 },
): (row: number) => boolean {
  const random = createSeededRandom(seed);
  const spans = Array.from({ length: gaps.count }, () => {
    const from = Math.floor(random() * rows);
    return { from, to: from + 1 + Math.floor(random() * gaps.longest_rows) };
  });
  return (row) => spans.some(({ from, to }) => row >= from && row < to);
}
