// Rows a second into the embedded column store, by the gateway's own store, beside the same rows handed to the client ready
// made. The limit leaves out what making the rows costs.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { decodePack, leafHash, packId, packReadings } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { type ColumnStore, createColumnStore } from '@suyuan/gateway';
import { openColumnStore } from 'suyuan/column-store';
import { type Bench, type BenchOptions, thousands } from './bench.ts';
import { median } from './measure.ts';
import { BenchDevice } from './signer.ts';

type Client = ReturnType<typeof openColumnStore>;
type Insert = Parameters<Client['insert']>[0];
type Packs = Parameters<ColumnStore['insertBatch']>[1]['packs'];

/** As the gateway's batches. */
const BATCH_PACKS = 2048;
const DEVICES = 100;
const GATEWAY = 'gateway-1';

function acceptedPacks(readings: number): Packs {
  const hash = nodeCrypto.hash('sm3');
  const devices = Array.from({ length: DEVICES }, (_, i) => new BenchDevice('es256', i));
  const now_ms = Date.now();
  return Array.from({ length: BATCH_PACKS }, (_, i) => {
    const device = devices[i % DEVICES] ?? new BenchDevice('es256', 0);
    const until_ms = now_ms - Math.floor((BATCH_PACKS - i) / DEVICES) * readings * 1000;
    const pack = decodePack(device.sign(readings, until_ms));
    return {
      ...pack,
      id: packId(hash, pack),
      leafHash: leafHash(hash, pack.bytes),
      received_ms: now_ms,
      flags: 0,
      readings: packReadings(pack),
    };
  });
}

interface ReadyInsert {
  readonly insert: Insert;
  readonly rows: string;
}

/** What the gateway's store would insert for the packs, to the byte. */
async function readyInserts(client: Client, packs: Packs): Promise<ReadyInsert[]> {
  const ready: ReadyInsert[] = [];
  const recording = new Proxy(client, {
    get: (target, name) =>
      name === 'insert'
        ? async (insert: Insert) => {
            ready.push({ insert, rows: await text(insert.values as Readable) });
          }
        : Reflect.get(target, name),
  });
  await createColumnStore(recording).insertBatch('ready', { batch: 0, packs });
  return ready;
}

async function insertReady(client: Client, ready: readonly ReadyInsert[], token: string) {
  for (const { insert, rows } of ready) {
    await client.insert({
      ...insert,
      values: Readable.from([rows], { objectMode: false }),
      clickhouse_settings: { insert_deduplication_token: token },
    });
  }
}

async function rowsOf(client: Client): Promise<number> {
  const query = 'SELECT (SELECT count() FROM packs) + (SELECT count() FROM readings) AS n';
  const result = await client.query({ query, format: 'JSONEachRow' });
  const rows = await result.json<{ n: string }>();
  return Number(rows[0]?.n);
}

interface Result {
  readonly readings_per_pack: number;
  readonly rows_per_s: number;
  readonly bare_rows_per_s: number;
  readonly ratio: number;
}

async function measure(client: Client, readings: number, rounds: number): Promise<Result> {
  const store = createColumnStore(client);
  const packs = acceptedPacks(readings);
  const ready = await readyInserts(client, packs);
  const rows = BATCH_PACKS * (1 + readings);
  const before = await rowsOf(client);
  const rates = { ours: [] as number[], bare: [] as number[] };
  // The first of each is not counted: tables and code warm up.
  for (let round = 0; round <= rounds; round += 1) {
    for (const side of ['ours', 'bare'] as const) {
      const start = performance.now();
      if (side === 'ours') {
        await store.insertBatch(`${GATEWAY}-${readings}`, { batch: round, packs });
      } else {
        await insertReady(client, ready, `bare/${readings}/${round}`);
      }
      const rate = (rows / (performance.now() - start)) * 1000;
      if (round > 0) rates[side].push(rate);
    }
  }
  const missing = before + 2 * (rounds + 1) * rows - (await rowsOf(client));
  if (missing !== 0) throw new Error(`${missing} rows are missing from the store`);
  const [ours, bare] = [median(rates.ours), median(rates.bare)];
  return {
    readings_per_pack: readings,
    rows_per_s: Math.round(ours),
    bare_rows_per_s: Math.round(bare),
    ratio: Number((ours / bare).toFixed(2)),
  };
}

async function run({ quick, say }: BenchOptions) {
  const directory = await mkdtemp(join(tmpdir(), 'suyuan-bench-'));
  const client = openColumnStore({ directory });
  const results: Result[] = [];
  try {
    await createColumnStore(client).migrate();
    for (const readings of [1, 60]) {
      const result = await measure(client, readings, quick ? 5 : 15);
      say(`store: ${JSON.stringify(result)}`);
      results.push(result);
    }
  } finally {
    await client.close();
    await rm(directory, { recursive: true, force: true });
  }
  const rows = results.map(({ readings_per_pack, rows_per_s, bare_rows_per_s, ratio }) => ({
    what: `store, batches of ${thousands(BATCH_PACKS)} packs of ${readings_per_pack}`,
    figure: `${thousands(rows_per_s)} rows/s`,
    beside: `ready-made rows: ${thousands(bare_rows_per_s)}/s (× ${ratio.toFixed(2)})`,
    floor: '–',
    met: undefined,
  }));
  const { rows_per_s = 0, bare_rows_per_s = 0, ratio = 0 } = results.at(-1) ?? {};
  return { json: { bench: 'store', rows_per_s, bare_rows_per_s, ratio, results }, rows };
}

export const storeBench: Bench = run;
