// A logger's file → readings with instants, in the order of time; every row that cannot be is told.

import { AppError, FUTURE_AFTER_MS, QUANTITIES, type Reading } from '@suyuan/contracts';
import { type Cell, instantOf, type Table, timeZone } from '@suyuan/paper';
import { findLayout, type LoggerLayout } from './logger-layout.ts';
import { type DateOrder, dateOrderOf, loggerTime } from './logger-time.ts';
import { humidity_mPct, isMissing, type TemperatureUnit, temperature_mC } from './logger-values.ts';
import { attempt, type ErrorList } from './row-error.ts';
import { columnLabel } from './row-reader.ts';

export interface LoggerOptions {
  readonly tz?: string;
  readonly dateOrder?: DateOrder;
  readonly unit?: TemperatureUnit;
  readonly now_ms: number;
  /** A saved mapping, parsed. */
  readonly saved?: unknown;
}

export interface LoggerReadings {
  readonly layout: LoggerLayout;
  readonly rows: readonly {
    readonly row: number;
    readonly time_ms: number;
    readonly readings: Reading[];
  }[];
  /** Rows without any value. */
  readonly missing: number;
}

type LoggerRow = LoggerReadings['rows'][number];

/** Throws what concerns the whole file; what concerns a row goes to `errors`. */
export function readLoggerTable(
  table: Table,
  options: LoggerOptions,
  errors: ErrorList,
): LoggerReadings {
  const layout = findLayout(table, options.saved);
  const { columns, rows } = layout;
  const unit = unitFor(layout, options.unit);
  const zone = zoneFor(layout, options.tz);
  const cellAt = (cells: readonly Cell[], key: string): Cell =>
    cells[columns[key] ?? -1] ?? { kind: 'empty' };
  const timeText = (cells: readonly Cell[]): string =>
    ['date', 'clock', 'time']
      .map((key) => cellAt(cells, key))
      .map((cell) => (cell.kind === 'empty' ? '' : cell.text))
      .join(' ')
      .trim();
  const order = options.dateOrder ?? dateOrderOf(rows.map(({ cells }) => timeText(cells)));
  const found: LoggerRow[] = [];
  let missing = 0;
  for (const { number, cells } of rows) {
    const tell = (key: string) => (code: string, message: string) => {
      const index = columns[key];
      const column =
        index === undefined ? null : columnLabel({ ...table, header: layout.header }, index);
      errors.add({ row: code === 'import/no-zone' ? null : number, column, code, message });
    };
    const time_ms = attempt(
      () => timeOf(cellAt(cells, 'time'), timeText(cells), order, zone, options.now_ms),
      tell(columns.time === undefined ? 'date' : 'time'),
    );
    const readings: Reading[] = [];
    for (const quantity of ['temperature', 'humidity'] as const) {
      const cell = cellAt(cells, quantity);
      if (cell.kind === 'empty' || isMissing(cell.text)) continue;
      const value = attempt(() => quantityOf(quantity, cell, unit), tell(quantity));
      if (value !== undefined && time_ms !== undefined) readings.push({ quantity, time_ms, value });
    }
    if (readings.length === 0) missing += 1;
    if (time_ms !== undefined) found.push({ row: number, time_ms, readings });
  }
  return { layout, rows: inOrder(found, errors), missing };
}

function quantityOf(
  quantity: 'temperature' | 'humidity',
  cell: Cell,
  unit: TemperatureUnit,
): number {
  const text = cell.kind === 'empty' ? '' : cell.text;
  if (cell.kind === 'date' || cell.kind === 'boolean') {
    throw new AppError('table/bad-number', `"${text}" is no plain number.`);
  }
  const value = quantity === 'temperature' ? temperature_mC(text, unit) : humidity_mPct(text);
  const { min, max } = QUANTITIES[quantity];
  if (value >= min && value <= max) return value;
  throw new AppError(
    'import/out-of-range',
    `${text.trim().slice(0, 20)} is beyond what a ${quantity} can be: empty the cell if the sensor failed.`,
  );
}

function timeOf(
  cell: Cell,
  text: string,
  order: DateOrder | null,
  zone: ReturnType<typeof timeZone>,
  now_ms: number,
): number {
  const { wall_ms, offset_ms } =
    cell.kind === 'date' ? { wall_ms: cell.wall_ms, offset_ms: null } : loggerTime(text, order);
  const time_ms = offset_ms === null ? instantOf(wall_ms, zone) : wall_ms - offset_ms;
  if (time_ms <= now_ms + FUTURE_AFTER_MS) return time_ms;
  throw new AppError(
    'import/future-time',
    `${text.slice(0, 40)} has not come yet: check the time zone.`,
  );
}

function zoneFor(layout: LoggerLayout, told: string | undefined): ReturnType<typeof timeZone> {
  const own = layout.zone === null ? null : timeZone(layout.zone);
  if (told === undefined) {
    if (own !== null) return own;
    return () => {
      throw new AppError(
        'import/no-zone',
        'The file does not say in which time zone the logger counted: give --tz, for example --tz +08:00.',
      );
    };
  }
  const zone = timeZone(told);
  if (own === null || own(0) === zone(0)) return zone;
  throw new AppError(
    'import/other-zone',
    `The file says ${layout.zone} and you say ${told}: leave --tz out, or correct it.`,
  );
}

function unitFor(layout: LoggerLayout, told: TemperatureUnit | undefined): TemperatureUnit {
  const unit = told ?? layout.unit;
  if (unit === null || unit === undefined) {
    throw new AppError(
      'import/no-temperature-unit',
      'The header does not say °C or °F: give --temp-unit C or --temp-unit F.',
    );
  }
  if (layout.unit === null || layout.unit === unit) return unit;
  throw new AppError('import/other-unit', `The header says °${layout.unit}, you say °${unit}.`);
}

/** Oldest first; some loggers print the newest first. A row out of this order is refused. */
function inOrder(rows: readonly LoggerRow[], errors: ErrorList): LoggerRow[] {
  const [first, last] = [rows[0], rows.at(-1)];
  const newestFirst = first !== undefined && last !== undefined && first.time_ms > last.time_ms;
  const sorted = newestFirst ? [...rows].reverse() : [...rows];
  for (const [i, { row, time_ms }] of sorted.entries()) {
    const before = sorted[i - 1];
    if (before === undefined || time_ms > before.time_ms) continue;
    errors.add({
      ...{ row, column: null, code: 'import/out-of-order' },
      message: `The time is not after that of row ${before.row}: each moment comes once, in order.`,
    });
  }
  return sorted;
}
