// EPCIS events in the column store. Rows are only added, in the order of `seq`; those of a capture that is not finished are
// hidden from every query, and removed if it fails.

import type { ClickHouseClient } from '@clickhouse/client';
import type { EventIndex } from './event-index.ts';
import { QUERY_MEMORY_BYTES_MAX, QUERY_SECONDS_MAX } from './limits.ts';

export type Grade = 'attested' | 'proven';

export interface EventRow extends EventIndex {
  readonly seq: number;
  /** The job, or `ledger/{height}`. */
  readonly capture: string;
  /** The account that vouches for it. */
  readonly captured_by: string;
  readonly grade: Grade;
  /** 1: the account signed the very bytes of the document. */
  readonly signed: number;
  /** Hex; of the ledger's own events. */
  readonly tx: string;
  readonly height: number;
  readonly event_id: string;
  /** Tells one content from another under one id. */
  readonly content: string;
  readonly is_error: number;
  readonly record_ms: number;
  /** JSON of the `@context`. */
  readonly context: string;
  /** JSON as captured, without a recordTime. */
  readonly event: string;
}

/** The part of a row that an answer needs. */
export type StoredEvent = Pick<
  EventRow,
  | 'seq'
  | 'capture'
  | 'captured_by'
  | 'grade'
  | 'signed'
  | 'tx'
  | 'height'
  | 'event_id'
  | 'event_ms'
  | 'record_ms'
  | 'context'
  | 'event'
>;

export type SqlParams = Record<string, string | number | readonly string[] | readonly number[]>;

/** SQL for WHERE, with what stands in its placeholders. */
export interface Condition {
  readonly sql: string;
  readonly params: SqlParams;
}

export interface FindOptions {
  readonly conditions: readonly Condition[];
  /** Captures that are not to be seen yet. */
  readonly hidden: readonly string[];
  readonly orderBy: 'seq' | 'event_ms' | 'record_ms';
  readonly descending: boolean;
  readonly limit: number;
  readonly after?: { readonly value: number; readonly seq: number };
}

export interface EventStore {
  migrate(): Promise<void>;
  /** 0 when empty. */
  latest(): Promise<{ readonly seq: number; readonly record_ms: number }>;
  insert(rows: readonly EventRow[]): Promise<void>;
  removeCapture(capture: string): Promise<void>;
  /** Events of the ledger from blocks above this one. */
  removeAbove(height: number): Promise<void>;
  /** Contents under these ids of this account, those of hidden captures too. */
  known(
    account: string,
    ids: readonly string[],
  ): Promise<{ readonly id: string; readonly isError: boolean; readonly content: string }[]>;
  find(options: FindOptions): Promise<StoredEvent[]>;
  /** At most `limit`. */
  count(
    conditions: readonly Condition[],
    hidden: readonly string[],
    limit: number,
  ): Promise<number>;
  /** Distinct values in order, after `after`. */
  distinct(options: {
    readonly column: 'type' | 'biz_step' | 'disposition' | 'read_point' | 'biz_location' | 'epcs';
    readonly hidden: readonly string[];
    readonly after: string;
    readonly limit: number;
  }): Promise<string[]>;
}

const TABLE = `CREATE TABLE IF NOT EXISTS epcis_events (
  seq UInt64,
  capture String,
  captured_by LowCardinality(String),
  grade LowCardinality(String),
  signed UInt8,
  tx String,
  height UInt64,
  event_id String,
  content String,
  is_error UInt8,
  type LowCardinality(String),
  action LowCardinality(String),
  biz_step LowCardinality(String),
  disposition LowCardinality(String),
  read_point String,
  biz_location String,
  event_ms Int64,
  record_ms Int64,
  txt_names Array(String),
  txt_values Array(String),
  num_names Array(String),
  num_values Array(Float64),
  context String CODEC(ZSTD),
  event String CODEC(ZSTD),
  INDEX by_id event_id TYPE bloom_filter GRANULARITY 1,
  INDEX by_value txt_values TYPE bloom_filter GRANULARITY 1
) ENGINE = MergeTree ORDER BY seq
SETTINGS index_granularity = 1024, fsync_after_insert = 1, fsync_part_directory = 1`;

// In the query's own text: the embedded store would keep a setting of the session for everyone.
const BOUNDS = `SETTINGS max_execution_time = ${QUERY_SECONDS_MAX}, max_memory_usage = ${QUERY_MEMORY_BYTES_MAX}`;

const COLUMNS =
  'seq, capture, captured_by, grade, signed, tx, height, event_id, event_ms, record_ms, context, event';

const EPC_NAMES = `'epc', 'parentID', 'inputEPC', 'outputEPC', 'epcClass', 'inputEPCClass', 'outputEPCClass'`;

export function createEventStore(client: ClickHouseClient): EventStore {
  const rowsOf = async (query: string, params: SqlParams): Promise<Record<string, unknown>[]> => {
    const result = await client.query({
      query: `${query} ${BOUNDS}`,
      format: 'JSONEachRow',
      query_params: params,
    });
    return result.json<Record<string, unknown>>();
  };

  return {
    async migrate() {
      await client.command({ query: TABLE });
    },

    async latest() {
      const [row] = await rowsOf('SELECT max(seq) AS s, max(record_ms) AS r FROM epcis_events', {});
      return { seq: Number(row?.s ?? 0), record_ms: Number(row?.r ?? 0) };
    },

    async insert(rows) {
      if (rows.length === 0) return;
      await client.insert({ table: 'epcis_events', values: rows, format: 'JSONEachRow' });
    },

    async removeCapture(capture) {
      await client.command({
        query:
          'ALTER TABLE epcis_events DELETE WHERE capture = {capture:String} SETTINGS mutations_sync = 2',
        query_params: { capture },
      });
    },

    async removeAbove(height) {
      const where = "grade = 'proven' AND height > {height:UInt64}";
      const [row] = await rowsOf(`SELECT count() AS n FROM epcis_events WHERE ${where}`, {
        height,
      });
      if (Number(row?.n ?? 0) === 0) return;
      await client.command({
        query: `ALTER TABLE epcis_events DELETE WHERE ${where} SETTINGS mutations_sync = 2`,
        query_params: { height },
      });
    },

    async known(account, ids) {
      const rows = await rowsOf(
        `SELECT event_id, is_error, content FROM epcis_events
        WHERE event_id IN {ids:Array(String)} AND captured_by = {account:String}`,
        { account, ids },
      );
      return rows.map((row) => ({
        id: String(row.event_id),
        isError: Number(row.is_error) === 1,
        content: String(row.content),
      }));
    },

    async find({ conditions, hidden, orderBy, descending, limit, after }) {
      const sign = descending ? '<' : '>';
      const all = [...conditions, visible(hidden)];
      if (after !== undefined) {
        all.push({
          sql: `(${orderBy}, seq) ${sign} ({after_value:Int64}, {after_seq:UInt64})`,
          params: { after_value: after.value, after_seq: after.seq },
        });
      }
      const direction = descending ? 'DESC' : 'ASC';
      const { where, params } = joined(all);
      const rows = await rowsOf(
        `SELECT ${COLUMNS} FROM epcis_events WHERE ${where}
        ORDER BY ${orderBy} ${direction}, seq ${direction} LIMIT {limit:UInt32}`,
        { ...params, limit },
      );
      return rows.map(toStored);
    },

    async count(conditions, hidden, limit) {
      const { where, params } = joined([...conditions, visible(hidden)]);
      const [row] = await rowsOf(
        `SELECT count() AS n FROM (SELECT 1 FROM epcis_events WHERE ${where} LIMIT {limit:UInt32})`,
        { ...params, limit },
      );
      return Number(row?.n ?? 0);
    },

    async distinct({ column, hidden, after, limit }) {
      const { where, params } = joined([visible(hidden)]);
      const value =
        column === 'epcs'
          ? `arrayJoin(arrayFilter((v, n) -> n IN (${EPC_NAMES}), txt_values, txt_names))`
          : column;
      const rows = await rowsOf(
        `SELECT DISTINCT item FROM (SELECT toString(${value}) AS item FROM epcis_events WHERE ${where})
        WHERE item > {after:String} ORDER BY item LIMIT {limit:UInt32}`,
        { ...params, after, limit },
      );
      return rows.map(({ item }) => String(item));
    },
  };
}

function visible(hidden: readonly string[]): Condition {
  if (hidden.length === 0) return { sql: '1', params: {} };
  return { sql: 'NOT has({hidden:Array(String)}, capture)', params: { hidden } };
}

function joined(conditions: readonly Condition[]): { where: string; params: SqlParams } {
  return {
    where: conditions.map(({ sql }) => `(${sql})`).join(' AND ') || '1',
    params: Object.assign({}, ...conditions.map(({ params }) => params)) as SqlParams,
  };
}

function toStored(row: Record<string, unknown>): StoredEvent {
  return {
    seq: Number(row.seq),
    capture: String(row.capture),
    captured_by: String(row.captured_by),
    grade: row.grade === 'proven' ? 'proven' : 'attested',
    signed: Number(row.signed),
    tx: String(row.tx),
    height: Number(row.height),
    event_id: String(row.event_id),
    event_ms: Number(row.event_ms),
    record_ms: Number(row.record_ms),
    context: String(row.context),
    event: String(row.event),
  };
}
