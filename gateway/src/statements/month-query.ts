// What the column store says of months: the readings of closed days against what the latest statements cover.

import type { StatedDay } from '@suyuan/contracts';
import type { ColumnStore } from '../store/column-store.ts';
import { DAY_MS, monthRange_ms } from './month.ts';

export interface MonthKey {
  readonly device: string;
  readonly quantity: string;
  /** `YYYY-MM` */
  readonly month: string;
}

export interface StaleMonth extends MonthKey {
  /** Of the latest statement; 0 when there is none. */
  readonly revision: number;
}

interface Range {
  readonly from_ms: number;
  /** Exclusive. */
  readonly to_ms: number;
}

const MONTH_SQL = `formatDateTime(toDateTime(intDiv(time_ms, 1000), 'UTC'), '%Y-%m')`;

/** Devices that this gateway has stored readings of. */
export async function devicesWithReadings(store: ColumnStore, gateway: string): Promise<string[]> {
  const rows = await store.query(
    'SELECT DISTINCT toString(device) AS id FROM readings WHERE gateway = {gateway:String} ORDER BY id',
    { gateway },
  );
  return rows.map(({ id }) => String(id));
}

/** A device, and from when on its readings are stated. */
export interface StatedSince {
  readonly id: string;
  readonly first_ms: number;
}

/**
 * Months with readings in `range`, not before the device's first time, of which the latest statement does not cover all
 * readings of the range or is not signed under `keyHex`. Those stated least often come first.
 */
export async function staleMonths(
  store: ColumnStore,
  gateway: string,
  keyHex: string,
  range: Range,
  devices: readonly StatedSince[],
): Promise<StaleMonth[]> {
  if (devices.length === 0) return [];
  const rows = await store.query(
    `SELECT r.device AS device, r.quantity AS quantity, r.month AS month, s.latest AS revision
     FROM (
       SELECT toString(device) AS device, toString(quantity) AS quantity, ${MONTH_SQL} AS month, count() AS n
       FROM readings
       WHERE gateway = {gateway:String} AND device IN {ids:Array(String)}
         AND time_ms >= {from:Int64} AND time_ms < {to:Int64}
         AND time_ms >= transform(toString(device), {ids:Array(String)}, {firsts:Array(Int64)}, toInt64(0))
       GROUP BY device, quantity, month
     ) AS r
     LEFT JOIN (
       SELECT toString(device) AS device, toString(quantity) AS quantity, toString(month) AS month,
         max(revision) AS latest, argMax((readings, toString(key_hex)), revision) AS last
       FROM (SELECT * FROM statements WHERE gateway = {gateway:String} AND device IN {ids:Array(String)})
       GROUP BY device, quantity, month
     ) AS s ON r.device = s.device AND r.quantity = s.quantity AND r.month = s.month
     WHERE r.n != s.last.1 OR s.last.2 != {key:String}
     ORDER BY revision, month, device, quantity`,
    {
      gateway,
      key: keyHex,
      from: range.from_ms,
      to: range.to_ms,
      ids: devices.map(({ id }) => id),
      firsts: devices.map(({ first_ms }) => first_ms),
    },
  );
  return rows.map((row) => ({
    device: String(row.device),
    quantity: String(row.quantity),
    month: String(row.month),
    revision: Number(row.revision),
  }));
}

const OF_MONTH = `FROM readings
  WHERE device = {device:String} AND quantity = {quantity:String} AND gateway = {gateway:String}
  AND time_ms >= {from:Int64} AND time_ms < {to:Int64}`;

/** The days of the month within `range`, with readings. */
export async function daysOfMonth(
  store: ColumnStore,
  gateway: string,
  key: MonthKey,
  slot_s: number,
  range: Range,
): Promise<StatedDay[]> {
  const rows = await store.query(
    `SELECT intDiv(time_ms, ${DAY_MS}) AS day, count() AS n, min(value) AS low, max(value) AS high,
       sum(value) AS total, countIf(bitAnd(flags, 1) = 1) AS late,
       arraySort(groupUniqArray(intDiv(time_ms % ${DAY_MS}, {slot:Int64}))) AS slots
     ${OF_MONTH} GROUP BY day ORDER BY day`,
    { ...paramsOf(gateway, key, range), slot: slot_s * 1000 },
  );
  const { from_ms } = monthRange_ms(key.month);
  return rows.map((row) => ({
    day: Number(row.day) - from_ms / DAY_MS + 1,
    count: Number(row.n),
    min: Number(row.low),
    max: Number(row.high),
    sum: Number(row.total),
    late: Number(row.late),
    slots: bitmap(row.slots, DAY_MS / 1000 / slot_s),
  }));
}

function paramsOf(gateway: string, { device, quantity, month }: MonthKey, range: Range) {
  const { from_ms, to_ms } = monthRange_ms(month);
  return {
    ...{ gateway, device, quantity },
    from: Math.max(from_ms, range.from_ms),
    to: Math.min(to_ms, range.to_ms),
  };
}

/** Bits most significant first; the last byte filled with zeros. */
function bitmap(slots: unknown, size: number): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(size / 8));
  for (const slot of Array.isArray(slots) ? slots : []) {
    const at = Number(slot);
    const byte = Math.floor(at / 8);
    bytes[byte] = (bytes[byte] ?? 0) | (0x80 >> (at % 8));
  }
  return bytes;
}
