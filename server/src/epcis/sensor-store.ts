// What sensors said of a span of time, out of the column store: a summary for each device and quantity. Only packs count
// whose batch was anchored before a given block, so the same question has the same answer at any later time.

import type { ClickHouseClient } from '@clickhouse/client';
import { SENSOR_PACKS_MAX, type SensorSummary } from '@suyuan/contracts';
import type { DeviceSpan } from '../readings/port.ts';
import { QUERY_MEMORY_BYTES_MAX, QUERY_SECONDS_MAX } from './limits.ts';

/** The first `batches` of a gateway. */
export interface AnchoredBatches {
  readonly gateway: string;
  readonly batches: number;
}

export interface SensorStore {
  /** Those that are in the store, in order of device and quantity; nothing of a span without readings. */
  summaries(
    span: DeviceSpan,
    anchored: readonly AnchoredBatches[],
  ): Promise<readonly SensorSummary[]>;
  hasBatch(gateway: string, batch: number): Promise<boolean>;
  /** The tables are a gateway's to make: a node without one has none. */
  hasTables(): Promise<boolean>;
}

const BOUNDS = `SETTINGS max_execution_time = ${QUERY_SECONDS_MAX}, max_memory_usage = ${QUERY_MEMORY_BYTES_MAX}`;
/** The bit of `flags` for a reading that was ahead of the gateway's clock. */
const FUTURE_FLAG = 2;
const ID_HEX_CHARS = 64;

const WITHIN = `device = {device:String} AND time_ms >= {from_ms:Int64} AND time_ms < {to_ms:Int64}
  AND bitAnd(flags, ${FUTURE_FLAG}) = 0
  AND batch < transform(toString(gateway), {gateways:Array(String)}, {batches:Array(UInt64)}, toUInt64(0))`;

// A pack that reached two gateways is stored twice and counts once. By way of hex: a FixedString made a String loses the zeros
// at its end.
const SUMMARIES = `SELECT r.quantity AS quantity, r.least AS least, r.most AS most, r.mean AS mean,
    r.readings AS readings, r.first_ms AS first_ms, r.last_ms AS last_ms,
    p.packs AS packs, p.ids_hash AS ids_hash, p.ids AS ids
  FROM (
    SELECT quantity, min(value) AS least, max(value) AS most, round(avg(value)) AS mean,
      count() AS readings, min(time_ms) AS first_ms, max(time_ms) AS last_ms
    FROM (SELECT DISTINCT quantity, time_ms, value, boot, seq FROM readings WHERE ${WITHIN})
    GROUP BY quantity) AS r
  INNER JOIN (
    SELECT quantity, length(sorted) AS packs,
      lower(hex(SHA256(unhex(arrayStringConcat(arrayMap(x -> x.3, sorted)))))) AS ids_hash,
      if(packs <= ${SENSOR_PACKS_MAX}, arrayStringConcat(arrayMap(x -> x.3, sorted)), '') AS ids
    FROM (
      SELECT quantity, arraySort(groupUniqArray((k.boot, k.seq, lower(hex(k.id))))) AS sorted
      FROM (SELECT DISTINCT quantity, gateway, batch, leaf FROM readings WHERE ${WITHIN}) AS w
      INNER JOIN (
        SELECT gateway, batch, leaf, boot, seq, id FROM packs
        WHERE (gateway, batch, leaf) IN (SELECT gateway, batch, leaf FROM readings WHERE ${WITHIN})) AS k
      ON w.gateway = k.gateway AND w.batch = k.batch AND w.leaf = k.leaf
      GROUP BY quantity)) AS p
  ON r.quantity = p.quantity ORDER BY quantity ${BOUNDS}`;

export function createSensorStore(client: ClickHouseClient): SensorStore {
  const rowsOf = async (
    query: string,
    query_params: Record<string, unknown>,
  ): Promise<Record<string, unknown>[]> => {
    const result = await client.query({ query, format: 'JSONEachRow', query_params });
    return result.json<Record<string, unknown>>();
  };

  let found = false;
  async function hasTables(): Promise<boolean> {
    if (!found) {
      const rows = await rowsOf(
        "SELECT 1 FROM system.tables WHERE database = currentDatabase() AND name IN ('packs', 'readings')",
        {},
      );
      found = rows.length === 2;
    }
    return found;
  }

  return {
    async summaries(span, anchored) {
      if (anchored.length === 0) return [];
      const rows = await rowsOf(SUMMARIES, {
        ...span,
        gateways: anchored.map(({ gateway }) => gateway),
        batches: anchored.map(({ batches }) => batches),
      });
      return rows.flatMap((row) => toSummary(span.device, row) ?? []);
    },

    hasTables,

    async hasBatch(gateway, batch) {
      if (!(await hasTables())) return false;
      const rows = await rowsOf(
        `SELECT 1 FROM packs WHERE gateway = {gateway:String} AND batch = {batch:UInt64} LIMIT 1 ${BOUNDS}`,
        { gateway, batch },
      );
      return rows.length > 0;
    },
  };
}

const QUANTITIES: readonly SensorSummary['quantity'][] = [
  'temperature',
  'humidity',
  'mass',
  'battery',
];

function toSummary(device: string, row: Record<string, unknown>): SensorSummary | undefined {
  const quantity = QUANTITIES.find((name) => name === row.quantity);
  if (quantity === undefined) return undefined;
  const ids = String(row.ids);
  const packHashes = Array.from({ length: ids.length / ID_HEX_CHARS }, (_, i) =>
    bytesOf(ids.slice(i * ID_HEX_CHARS, (i + 1) * ID_HEX_CHARS)),
  );
  return {
    device,
    quantity,
    from_ms: Number(row.first_ms),
    to_ms: Number(row.last_ms),
    min: Number(row.least),
    max: Number(row.most),
    mean: Number(row.mean),
    count: Number(row.readings),
    packCount: Number(row.packs),
    packHashes,
    packsHash: bytesOf(String(row.ids_hash)),
  };
}

const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
