// The logger file: `site,sensor,time,temperature_C,relative_humidity_pct`, one row a sensor and moment, an
// empty field where the logger has no value. What is missing stays missing.

import { isAppError, QUANTITIES } from '@suyuan/contracts';
import type { SensorReading } from '../sensors/types.ts';
import { type Line, lineError, toFields, toLines } from './csv.ts';
import { decimalToScaled, textToDecimal } from './decimal-text.ts';

export const LOGGER_HEADER = 'site,sensor,time,temperature_C,relative_humidity_pct';

const COLUMNS = ['temperature', 'humidity'] as const;
const COLUMN_NAMES = ['temperature_C', 'relative_humidity_pct'] as const;
const TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{3}))?Z$/;

export interface LoggerRow {
  readonly line: number;
  readonly site: string;
  readonly sensor: string;
  readonly time_ms: number;
  /** Temperature and humidity, less those that are missing. */
  readonly readings: readonly SensorReading[];
  /** Fields left empty, 0 to 2. */
  readonly missing: number;
}

/** Rows in file order. Throws `replay/*` with the line in `details` on the first thing that is not as it should be. */
export async function* readLogger(
  source: AsyncIterable<Uint8Array | string>,
): AsyncGenerator<LoggerRow, void> {
  let headed = false;
  for await (const line of toLines(source)) {
    if (headed) yield toRow(line);
    else if (line.text.replace(/^\uFEFF/, '') === LOGGER_HEADER) headed = true;
    else throw lineError('replay/bad-header', 1, `the first line must be ${LOGGER_HEADER}`);
  }
  if (!headed)
    throw lineError(
      'replay/bad-header',
      1,
      `the file is empty; it must open with ${LOGGER_HEADER}`,
    );
}

function toRow(line: Line): LoggerRow {
  const fields = toFields(line);
  const [site, sensor, time, ...values] = fields;
  if (fields.length !== 5 || site === undefined || sensor === undefined || time === undefined) {
    throw lineError(
      'replay/bad-line',
      line.number,
      `a row has 5 fields, this one ${fields.length}`,
    );
  }
  if (site === '' || sensor === '') {
    throw lineError('replay/bad-line', line.number, 'name the site and the sensor');
  }
  const time_ms = toTime_ms(time, line.number);
  const readings: SensorReading[] = [];
  for (const [index, quantity] of COLUMNS.entries()) {
    const text = values[index] ?? '';
    if (text === '') continue;
    readings.push({ quantity, time_ms, value: toValue(text, index, line.number) });
  }
  return {
    line: line.number,
    site,
    sensor,
    time_ms,
    readings,
    missing: COLUMNS.length - readings.length,
  };
}

function toTime_ms(text: string, number: number): number {
  const match = TIME.exec(text);
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, milli = 0] =
    match?.slice(1).map((part) => Number(part ?? 0)) ?? [];
  const time_ms = Date.UTC(year, month - 1, day, hour, minute, second, milli);
  // Date.UTC carries 30 February over to March: what does not come back as written is no time.
  if (match === null || !new Date(time_ms).toISOString().startsWith(text.slice(0, 19))) {
    throw lineError('replay/bad-time', number, 'write times as 2024-01-31T23:45:00Z');
  }
  return time_ms;
}

function toValue(text: string, index: number, number: number): number {
  const quantity = COLUMNS[index] ?? 'temperature';
  const spec = QUANTITIES[quantity];
  const name = COLUMN_NAMES[index];
  let value: number;
  try {
    value = decimalToScaled(textToDecimal(text), spec.scale);
  } catch (error) {
    if (!isAppError(error)) throw error;
    throw lineError(error.code, number, `${name}: ${error.message}`);
  }
  if (value < spec.min || value > spec.max) {
    throw lineError(
      'replay/out-of-range',
      number,
      `${name} must be between ${spec.min / 1000} and ${spec.max / 1000}; leave it empty if the sensor failed`,
    );
  }
  return value;
}
