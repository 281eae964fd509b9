// The column store through ClickHouse's client: a server by URL or the embedded one, whichever the launcher opened. The
// gateway's migrations make the tables `packs`, `readings` and `statements`. Every value goes in as a query parameter.

import type { ClickHouseClient } from '@clickhouse/client';
import {
  type BatchRef,
  batchKey,
  type DeviceSpan,
  type PackNumber,
  type ReadingQuery,
  type ReadingRow,
  type ReadingStore,
  type SlotRef,
  type StatementRef,
  type StoredPack,
} from './port.ts';

type Params = Record<string, string | number | readonly string[] | readonly number[]>;
type Row = Readonly<Record<string, unknown>>;

const HASH_BYTES = 32;
/** Twice what a bundle carries, for packs that reached two gateways. */
const NUMBERS_MAX = 1_024;
/** The bit of `flags` for a reading that was ahead of the gateway's clock: a verifier leaves it out. */
const FUTURE_FLAG = 2;

const PACK_COLUMNS =
  'gateway, batch, leaf, device, boot, seq, received_ms, base64Encode(bytes) AS pack_bytes';

/** A row within one of the spans; the first two terms let the store skip what no span can hold. */
const WITHIN_SPANS = `device IN {devices:Array(String)}
  AND time_ms >= {first_ms:Int64} AND time_ms < {last_ms:Int64}
  AND arrayExists((d, f, t) -> device = d AND time_ms >= f AND time_ms < t,
    {devices:Array(String)}, {froms:Array(Int64)}, {tos:Array(Int64)})`;

/** A store on a client that stays the launcher's to close. */
export function createClickHouseReadings(client: ClickHouseClient): ReadingStore {
  const rows = async (query: string, params: Params): Promise<Row[]> => {
    const result = await client.query({ query, format: 'JSONEachRow', query_params: params });
    return result.json<Row>();
  };

  return {
    async ping() {
      const [row] = await rows('SELECT 1 AS one', {});
      if (Number(row?.one) !== 1) throw new Error('column store: SELECT 1 gave something else');
    },

    async pack({ device, boot, seq, gateway }) {
      // The inner query has a projection of its own; the outer one then reads a single place.
      const atGateway = gateway === undefined ? '' : 'AND gateway = {gateway:String}';
      const [row] = await rows(
        `SELECT ${PACK_COLUMNS} FROM packs WHERE (gateway, batch, leaf) IN (
          SELECT gateway, batch, leaf FROM packs
          WHERE device = {device:String} AND boot = {boot:UInt64} AND seq = {seq:UInt64} ${atGateway}
          ORDER BY gateway, batch, leaf LIMIT 1)`,
        { device, boot, seq, ...(gateway === undefined ? {} : { gateway }) },
      );
      return row === undefined ? undefined : toPack(row);
    },

    async packsByNumber(numbers) {
      if (numbers.length === 0) return [];
      const found = await rows(
        `SELECT ${PACK_COLUMNS} FROM packs WHERE (gateway, batch, leaf) IN (
          SELECT gateway, batch, leaf FROM packs WHERE (device, boot, seq) IN (
            SELECT n.1, n.2, n.3 FROM (SELECT arrayJoin(arrayZip({devices:Array(String)},
              {boots:Array(UInt64)}, {seqs:Array(UInt64)})) AS n))
          LIMIT ${NUMBERS_MAX})
        ORDER BY gateway, batch, leaf`,
        numberParams(numbers.slice(0, NUMBERS_MAX)),
      );
      return found.map(toPack);
    },

    async packWithReading({ from_ms, to_ms, ...ref }: SlotRef) {
      const [row] = await rows(
        `SELECT ${PACK_COLUMNS} FROM packs WHERE (gateway, batch, leaf) IN (
          SELECT gateway, batch, leaf FROM readings
          WHERE device = {device:String} AND quantity = {quantity:String} AND gateway = {gateway:String}
            AND time_ms >= {from:Int64} AND time_ms < {to:Int64} AND batch < {beforeBatch:UInt64}
          ORDER BY bitAnd(flags, ${FUTURE_FLAG}), batch, leaf LIMIT 1)`,
        { ...ref, from: from_ms, to: to_ms },
      );
      return row === undefined ? undefined : toPack(row);
    },

    async packsWithin(spans, limit) {
      if (spans.length === 0) return [];
      const found = await rows(
        `SELECT ${PACK_COLUMNS} FROM packs WHERE (gateway, batch, leaf) IN (
          SELECT gateway, batch, leaf FROM readings WHERE ${WITHIN_SPANS}
          GROUP BY gateway, batch, leaf
          ORDER BY max(time_ms) DESC, gateway, batch, leaf LIMIT {limit:UInt32})
        ORDER BY gateway, batch, leaf`,
        { ...spanParams(spans), limit },
      );
      return found.map(toPack);
    },

    async leafHashes(batches) {
      const hashes = new Map<string, readonly Uint8Array[]>();
      for (const [gateway, numbers] of byGateway(batches)) {
        const found = await rows(
          // By way of hex: a FixedString made a String loses the zeros at its end.
          `SELECT batch, base64Encode(unhex(arrayStringConcat(arrayMap(x -> x.2,
            arraySort(groupArray((leaf, hex(leaf_hash)))))))) AS leaf_hashes
          FROM packs WHERE gateway = {gateway:String} AND batch IN {batches:Array(UInt64)}
          GROUP BY batch`,
          { gateway, batches: numbers },
        );
        for (const row of found) {
          const key = batchKey({ gateway, batch: Number(row.batch) });
          hashes.set(key, splitHashes(bytesOf(row.leaf_hashes)));
        }
      }
      return hashes;
    },

    async readings(query) {
      if (query.spans.length === 0) return [];
      const found = await rows(readingsSql(query), readingsParams(query));
      return found.map(toReading);
    },

    async statements(refs) {
      if (refs.length === 0) return [];
      const found = await rows(
        `SELECT base64Encode(argMax(bytes, revision)) AS newest FROM statements
        WHERE device IN {devices:Array(String)} AND arrayExists(
          (d, f, t) -> device = d AND month >= f AND month <= t,
          {devices:Array(String)}, {froms:Array(String)}, {tos:Array(String)})
        GROUP BY gateway, device, quantity, month ORDER BY month, device, quantity, gateway`,
        monthParams(refs),
      );
      return found.map((row) => bytesOf(row.newest));
    },
  };
}

function readingsSql({ quantity, after }: ReadingQuery): string {
  const ofQuantity = quantity === undefined ? '' : 'AND quantity = {quantity:String}';
  const afterCursor =
    after === undefined
      ? ''
      : `AND (time_ms, device, quantity, boot, seq) > ({after_ms:Int64}, {after_device:String},
        {after_quantity:String}, {after_boot:UInt64}, {after_seq:UInt64})`;
  // Distinct: a pack that reached two gateways is stored by both.
  return `SELECT DISTINCT device, quantity, time_ms, value, boot, seq FROM readings
    WHERE ${WITHIN_SPANS} ${ofQuantity} ${afterCursor}
    ORDER BY time_ms, device, quantity, boot, seq LIMIT {limit:UInt32}`;
}

function readingsParams({ spans, quantity, after, limit }: ReadingQuery): Params {
  return {
    ...spanParams(spans),
    limit,
    ...(quantity === undefined ? {} : { quantity }),
    ...(after === undefined
      ? {}
      : {
          after_ms: after.time_ms,
          after_device: after.device,
          after_quantity: after.quantity,
          after_boot: after.boot,
          after_seq: after.seq,
        }),
  };
}

function spanParams(spans: readonly DeviceSpan[]): Params {
  return {
    devices: spans.map(({ device }) => device),
    froms: spans.map(({ from_ms }) => from_ms),
    tos: spans.map(({ to_ms }) => to_ms),
    first_ms: spans.reduce(
      (least, { from_ms }) => Math.min(least, from_ms),
      Number.MAX_SAFE_INTEGER,
    ),
    last_ms: spans.reduce((most, { to_ms }) => Math.max(most, to_ms), 0),
  };
}

function numberParams(numbers: readonly PackNumber[]): Params {
  return {
    devices: numbers.map(({ device }) => device),
    boots: numbers.map(({ boot }) => boot),
    seqs: numbers.map(({ seq }) => seq),
  };
}

function monthParams(refs: readonly StatementRef[]): Params {
  return {
    devices: refs.map(({ device }) => device),
    froms: refs.map(({ fromMonth }) => fromMonth),
    tos: refs.map(({ toMonth }) => toMonth),
  };
}

function byGateway(batches: readonly BatchRef[]): ReadonlyMap<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const { gateway, batch } of batches) {
    const numbers = groups.get(gateway) ?? [];
    numbers.push(batch);
    groups.set(gateway, numbers);
  }
  return groups;
}

function toPack(row: Row): StoredPack {
  return {
    gateway: String(row.gateway),
    batch: Number(row.batch),
    leaf: Number(row.leaf),
    device: String(row.device),
    boot: Number(row.boot),
    seq: Number(row.seq),
    received_ms: Number(row.received_ms),
    bytes: bytesOf(row.pack_bytes),
  };
}

function toReading(row: Row): ReadingRow {
  return {
    device: String(row.device),
    quantity: String(row.quantity),
    time_ms: Number(row.time_ms),
    value: Number(row.value),
    boot: Number(row.boot),
    seq: Number(row.seq),
  };
}

function bytesOf(base64: unknown): Uint8Array {
  return new Uint8Array(Buffer.from(String(base64), 'base64'));
}

function splitHashes(bytes: Uint8Array): readonly Uint8Array[] {
  const hashes: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += HASH_BYTES)
    hashes.push(bytes.slice(at, at + HASH_BYTES));
  return hashes;
}
