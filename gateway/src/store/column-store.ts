// The column store: every insert may come twice and stands once.

import { Readable } from 'node:stream';
import type { ClickHouseClient } from '@clickhouse/client';
import type { QuarantineRecord } from '../journal/records.ts';
import type { AcceptedPack } from '../pipeline/accepted-pack.ts';
import { MIGRATIONS, MIGRATIONS_TABLE } from './migrations.ts';
import {
  PACK_COLUMNS,
  packRow,
  QUARANTINE_COLUMNS,
  quarantineRow,
  READING_COLUMNS,
  readingRows,
} from './rows.ts';

export interface StoredCounts {
  readonly packs: number;
  readonly readings: number;
}

export interface BatchRows {
  readonly batch: number;
  readonly packs: readonly AcceptedPack[];
}

type Rows = Iterable<string>;
type QueryParams = Record<string, string | number | readonly string[] | readonly number[]>;

/** Packs whose rows are made in one turn of the event loop: about a millisecond. */
const PACKS_PER_TURN = 32;
const TURN_CHARS = 256 * 1024;

export class ColumnStore {
  readonly #client: ClickHouseClient;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(client: ClickHouseClient) {
    this.#client = client;
  }

  /** Makes the tables that are missing. */
  async migrate(): Promise<void> {
    await this.#client.command({ query: MIGRATIONS_TABLE });
    const rows = await this.query('SELECT max(number) AS latest FROM migrations');
    const latest = Number(rows[0]?.latest ?? 0);
    for (const { number, statements } of MIGRATIONS) {
      if (number <= latest) continue;
      for (const statement of statements) {
        // A crash between the steps of a migration leaves some of its tables behind.
        const query = statement.replace('CREATE TABLE ', 'CREATE TABLE IF NOT EXISTS ');
        await this.#client.command({ query });
      }
      await this.#insert('migrations', ['number'], [`${number}\n`], `migration-${number}`);
    }
  }

  /** The rows of a query, every value as ClickHouse's JSON has it. Values from outside go into `params` only. */
  async query(query: string, params: QueryParams = {}): Promise<Record<string, unknown>[]> {
    const result = await this.#client.query({ query, format: 'JSONEachRow', query_params: params });
    return result.json<Record<string, unknown>>();
  }

  /**
   * Inserts the packs and readings of a batch. The token makes a repetition harmless, also one whose first try is still
   * under way; `repair` makes the token new, for a batch whose rows were lost after the store had remembered the token.
   */
  async insertBatch(gateway: string, { batch, packs }: BatchRows, repair = ''): Promise<void> {
    const token = `${gateway}/${batch}${repair}`;
    const rowsOf = function* (
      make: (g: string, b: number, leaf: number, pack: AcceptedPack) => string,
    ) {
      for (const [leaf, pack] of packs.entries()) yield make(gateway, batch, leaf, pack);
    };
    await this.#insert('packs', PACK_COLUMNS, rowsOf(packRow), `${token}/packs`);
    await this.#insert('readings', READING_COLUMNS, rowsOf(readingRows), `${token}/readings`);
  }

  /** Rows of each batch from `from` on. */
  async batchCounts(gateway: string, from: number): Promise<Map<number, StoredCounts>> {
    const params = { gateway, from };
    const where = 'WHERE gateway = {gateway:String} AND batch >= {from:UInt64} GROUP BY batch';
    const packs = await this.query(`SELECT batch, count() AS n FROM packs ${where}`, params);
    const readings = await this.query(`SELECT batch, count() AS n FROM readings ${where}`, params);
    const counts = new Map<number, StoredCounts>();
    for (const { batch, n } of packs) counts.set(Number(batch), { packs: Number(n), readings: 0 });
    for (const { batch, n } of readings) {
      const packsOfBatch = counts.get(Number(batch))?.packs ?? 0;
      counts.set(Number(batch), { packs: packsOfBatch, readings: Number(n) });
    }
    return counts;
  }

  /** Removes what is there of a batch, before it is inserted again. */
  async deleteBatch(gateway: string, batch: number): Promise<void> {
    for (const table of ['packs', 'readings'] as const) {
      await this.#serially(() =>
        this.#client.command({
          query: `ALTER TABLE ${table} DELETE WHERE gateway = {gateway:String} AND batch = {batch:UInt64} SETTINGS mutations_sync = 2`,
          query_params: { gateway, batch },
        }),
      );
    }
  }

  async insertQuarantine(gateway: string, records: readonly QuarantineRecord[]): Promise<void> {
    const first = records[0]?.number;
    const last = records.at(-1)?.number;
    if (first === undefined || last === undefined) return;
    const rows = records.map((record) => quarantineRow(gateway, record));
    const token = `${gateway}/quarantine/${first}-${last}`;
    await this.#insert('quarantine', QUARANTINE_COLUMNS, rows, token);
  }

  /** Which quarantined packs from number `from` on are there. */
  async quarantineNumbers(gateway: string, from: number): Promise<Set<number>> {
    const rows = await this.query(
      'SELECT number FROM quarantine WHERE gateway = {gateway:String} AND number >= {from:UInt64}',
      { gateway, from },
    );
    return new Set(rows.map(({ number }) => Number(number)));
  }

  async insertRows(
    table: 'statements',
    columns: readonly string[],
    rows: readonly string[],
    token: string,
  ): Promise<void> {
    await this.#insert(table, columns, rows, token);
  }

  // The embedded store keeps a setting for the whole session: each insert must bring its own token, and two must not run
  // at once, or one would be dropped as a repetition of the other.
  #insert(table: string, columns: readonly string[], rows: Rows, token: string): Promise<unknown> {
    const [first, ...others] = columns;
    if (first === undefined) throw new RangeError('store insert: no columns');
    return this.#serially(() =>
      this.#client.insert({
        table,
        columns: [first, ...others],
        values: Readable.from(inTurns(rows), { objectMode: false }),
        format: 'TabSeparated',
        clickhouse_settings: { insert_deduplication_token: token },
      }),
    );
  }

  #serially<T>(write: () => Promise<T>): Promise<T> {
    const done = this.#writing.then(write, write);
    this.#writing = done.catch(() => {});
    return done;
  }

  /** Resolves when no write is under way. */
  async idle(): Promise<void> {
    await this.#writing;
  }
}

/** Joins rows and lets the event loop go on between: a batch has more than a hundred thousand. */
async function* inTurns(rows: Rows): AsyncGenerator<string> {
  let text = '';
  let count = 0;
  for (const row of rows) {
    text += row;
    count += 1;
    if (count % PACKS_PER_TURN === 0 || text.length > TURN_CHARS) {
      yield text;
      text = '';
      await new Promise(setImmediate);
    }
  }
  if (text !== '') yield text;
}

export function createColumnStore(client: ClickHouseClient): ColumnStore {
  return new ColumnStore(client);
}
