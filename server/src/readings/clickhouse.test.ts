import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClickHouseClient, createClient } from '@clickhouse/client';
import { createChdbConnection } from 'chdb/connection';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClickHouseReadings } from './clickhouse.ts';
import type { ReadingStore } from './port.ts';

// The columns that the queries rely on; the gateway's migrations make them (and more).
const TABLES = [
  `CREATE TABLE packs (gateway LowCardinality(String), batch UInt64, leaf UInt32,
    device LowCardinality(String), boot UInt64, seq UInt64, leaf_hash FixedString(32),
    received_ms Int64, bytes String) ENGINE = MergeTree ORDER BY (gateway, batch, leaf)`,
  `CREATE TABLE readings (device LowCardinality(String), quantity LowCardinality(String),
    time_ms Int64, value Int64, boot UInt64, seq UInt64, gateway LowCardinality(String),
    batch UInt64, leaf UInt32, flags UInt8) ENGINE = MergeTree ORDER BY (device, quantity, time_ms, boot, seq)`,
  `CREATE TABLE statements (gateway LowCardinality(String), device LowCardinality(String),
    quantity LowCardinality(String), month LowCardinality(String), revision UInt32, bytes String)
    ENGINE = MergeTree ORDER BY (device, quantity, month, revision)`,
];

/** 8 packs of two devices in batches of 2; pack n of a device holds a reading at 1000·n. Bytes that are no text. */
const INSERTS = [
  `INSERT INTO packs SELECT 'gw', intDiv(number, 2), number % 2, ['dev-a', 'dev-b'][number % 2 + 1], 1,
    intDiv(number, 2), toFixedString(unhex(concat(repeat(leftPad(hex(number + 160), 2, '0'), 30), '0000')), 32), 5,
    concat(unhex('00ff0a09'), char(number)) FROM numbers(8)`,
  `INSERT INTO readings SELECT ['dev-a', 'dev-b'][number % 2 + 1], q, 1000 * intDiv(number, 2), number - 3, 1,
    intDiv(number, 2), 'gw', intDiv(number, 2), number % 2, 0
    FROM numbers(8) ARRAY JOIN ['temperature', 'humidity'] AS q`,
  `INSERT INTO statements VALUES
    ('gw', 'dev-a', 'temperature', '2025-01', 0, 'old'), ('gw', 'dev-a', 'temperature', '2025-01', 1, 'new'),
    ('gw', 'dev-a', 'temperature', '2025-02', 0, 'feb'), ('gw', 'dev-a', 'temperature', '2025-03', 0, 'mar'),
    ('gw', 'dev-b', 'temperature', '2025-02', 0, 'other')`,
];

/** A hash may end in zeros: one of 256 does. */
const leafHash = (byte: number) => new Uint8Array(32).fill(byte, 0, 30);

let directory: string;
let client: ClickHouseClient;
let store: ReadingStore;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'suyuan-readings-'));
  // The two packages' types differ in optional members only; the embedded connection is made for this client.
  const connection: unknown = createChdbConnection({ path: directory });
  client = createClient({ connection } as Parameters<typeof createClient>[0]);
  for (const query of [...TABLES, ...INSERTS]) await client.command({ query });
  store = createClickHouseReadings(client);
});

afterAll(async () => {
  await client.close();
  await rm(directory, { recursive: true, force: true });
});

describe('createClickHouseReadings', () => {
  it('answers a ping', async () => {
    await expect(store.ping()).resolves.toBeUndefined();
  });

  it('finds a pack by its number, with its bytes as they were', async () => {
    const pack = await store.pack({ device: 'dev-b', boot: 1, seq: 2 });
    expect(pack).toEqual({
      gateway: 'gw',
      batch: 2,
      leaf: 1,
      device: 'dev-b',
      boot: 1,
      seq: 2,
      received_ms: 5,
      bytes: new Uint8Array([0x00, 0xff, 0x0a, 0x09, 5]),
    });
    expect(await store.pack({ device: 'dev-b', boot: 1, seq: 2, gateway: 'gw' })).toEqual(pack);
  });

  it('finds no pack of another gateway, device or number', async () => {
    expect(await store.pack({ device: 'dev-b', boot: 1, seq: 2, gateway: 'gw2' })).toBeUndefined();
    expect(await store.pack({ device: 'dev-c', boot: 1, seq: 2 })).toBeUndefined();
    expect(await store.pack({ device: 'dev-b', boot: 1, seq: 9 })).toBeUndefined();
  });

  it('gives all packs under given numbers', async () => {
    const number = (device: string, seq: number) => ({ device, boot: 1, seq });
    const found = await store.packsByNumber([
      number('dev-b', 2),
      number('dev-a', 0),
      number('dev-a', 9),
      number("'", 0),
    ]);
    expect(found.map((p) => [p.device, p.seq, p.bytes.at(-1)])).toEqual([
      ['dev-a', 0, 0],
      ['dev-b', 2, 5],
    ]);
    expect(await store.packsByNumber([])).toEqual([]);
  });

  it('takes hostile text as text', async () => {
    expect(await store.pack({ device: "' OR 1=1 --", boot: 1, seq: 2 })).toBeUndefined();
    const spans = [{ device: "'); DROP TABLE packs --", from_ms: 0, to_ms: 9_000 }];
    expect(await store.packsWithin(spans, 10)).toEqual([]);
    expect(await store.pack({ device: 'dev-a', boot: 1, seq: 0 })).toBeDefined();
  });

  it('gives the packs of a span, the newest when there are too many', async () => {
    const spans = [
      { device: 'dev-a', from_ms: 0, to_ms: 3_000 },
      { device: 'dev-b', from_ms: 2_000, to_ms: 2_001 },
    ];
    const all = await store.packsWithin(spans, 10);
    expect(all.map((p) => `${p.device}/${p.seq}`)).toEqual([
      'dev-a/0',
      'dev-a/1',
      'dev-a/2',
      'dev-b/2',
    ]);
    const newest = await store.packsWithin(spans, 2);
    expect(newest.map((p) => `${p.device}/${p.seq}`)).toEqual(['dev-a/2', 'dev-b/2']);
    expect(await store.packsWithin([], 10)).toEqual([]);
  });

  it('gives the first batched pack with a reading in a slot, unless its time had not come', async () => {
    const slot = { gateway: 'gw', device: 'dev-b', quantity: 'temperature', beforeBatch: 4 };
    const find = async (ref: Partial<Parameters<ReadingStore['packWithReading']>[0]>) => {
      const found = await store.packWithReading({ ...slot, from_ms: 1_000, to_ms: 3_000, ...ref });
      return found === undefined ? undefined : [found.device, found.batch, found.leaf];
    };
    expect(await find({})).toEqual(['dev-b', 1, 1]);
    expect(await find({ from_ms: 1_001 })).toEqual(['dev-b', 2, 1]);
    expect(await find({ from_ms: 2_000, to_ms: 2_001 })).toEqual(['dev-b', 2, 1]);
    expect(await find({ beforeBatch: 1 })).toBeUndefined();
    expect(await find({ from_ms: 3_001, to_ms: 9_000 })).toBeUndefined();
    expect(await find({ gateway: 'gw2' })).toBeUndefined();
    expect(await find({ quantity: 'mass' })).toBeUndefined();
    // A pack of the first batch, its reading ahead of the clock.
    await client.command({
      query: `INSERT INTO readings VALUES ('dev-b', 'temperature', 1500, 0, 1, 0, 'gw', 0, 1, 2)`,
    });
    expect(await find({})).toEqual(['dev-b', 1, 1]);
    expect(await find({ from_ms: 1_500, to_ms: 1_501 })).toEqual(['dev-b', 0, 1]);
    await client.command({
      query: `ALTER TABLE readings DELETE WHERE flags = 2 SETTINGS mutations_sync = 1`,
    });
  });

  it('gives the leaf hashes of whole batches in order', async () => {
    const hashes = await store.leafHashes([
      { gateway: 'gw', batch: 1 },
      { gateway: 'gw', batch: 3 },
      { gateway: 'gw', batch: 77 },
    ]);
    expect([...hashes.keys()].sort()).toEqual(['gw/1', 'gw/3']);
    expect(hashes.get('gw/1')).toEqual([leafHash(162), leafHash(163)]);
  });

  it('gives readings in time order, a page at a time, none twice and none left out', async () => {
    const spans = [
      { device: 'dev-a', from_ms: 0, to_ms: 4_000 },
      { device: 'dev-b', from_ms: 0, to_ms: 4_000 },
    ];
    const whole = await store.readings({ spans, limit: 100 });
    expect(whole).toHaveLength(16);
    expect(whole.map((r) => r.time_ms)).toEqual(
      [...whole.map((r) => r.time_ms)].sort((a, b) => a - b),
    );
    expect(whole[0]).toEqual({
      device: 'dev-a',
      quantity: 'humidity',
      time_ms: 0,
      value: -3,
      boot: 1,
      seq: 0,
    });
    const paged = [];
    for (let page = await store.readings({ spans, limit: 3 }); page.length > 0; ) {
      paged.push(...page);
      const after = page.at(-1);
      page = after === undefined ? [] : await store.readings({ spans, limit: 3, after });
    }
    expect(paged).toEqual(whole);
    const ofOne = await store.readings({ spans, limit: 100, quantity: 'humidity' });
    expect(ofOne).toEqual(whole.filter((r) => r.quantity === 'humidity'));
  });

  it('gives the newest revision of the statements of the months asked for', async () => {
    const refs = [{ device: 'dev-a', fromMonth: '2025-01', toMonth: '2025-02' }];
    const found = await store.statements(refs);
    expect(found.map((bytes) => Buffer.from(bytes).toString())).toEqual(['new', 'feb']);
    expect(await store.statements([])).toEqual([]);
  });
});
