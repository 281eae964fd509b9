// A whole gateway for a test: real broker, journal and embedded column store; the ledger is in memory.

import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClickHouseClient, createClient } from '@clickhouse/client';
import type { Profile } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { createChdbConnection } from 'chdb/connection';
import { pino } from 'pino';
import { createGateway, type Gateway } from '../gateway.ts';
import type { GatewayOptions, GatewayParts } from '../options.ts';
import { type ColumnStore, createColumnStore } from '../store/column-store.ts';
import { ACCOUNT, GATEWAY_SECRET } from './accounts.ts';
import { createMemoryLedger, type MemoryLedger, putGatewayAccount } from './memory-ledger.ts';
import { createTestClock, type TestClock } from './test-clock.ts';

export { ACCOUNT, GATEWAY_SECRET };
export const START_MS = Date.UTC(2026, 2, 15, 12);

/** One embedded store a process: it holds one data directory at a time. */
let client: ClickHouseClient | undefined;
const storeDirectory = join(tmpdir(), `suyuan-gateway-store-${process.pid}`);

export function openTestStore(path = storeDirectory): ClickHouseClient {
  if (client === undefined) {
    // The two packages' types differ in optional members only.
    const connection: unknown = createChdbConnection({ path });
    client = createClient({ connection } as Parameters<typeof createClient>[0]);
  }
  return client;
}

export async function closeTestStore(): Promise<void> {
  await client?.close();
  client = undefined;
  await rm(storeDirectory, { recursive: true, force: true });
}

/** Empties the tables that a test before has filled. */
async function emptyStore(store: ColumnStore, opened: ClickHouseClient): Promise<void> {
  for (const name of ['packs', 'readings', 'quarantine', 'statements', 'migrations']) {
    await opened.command({ query: `DROP TABLE IF EXISTS ${name} SYNC` });
  }
  await store.migrate();
}

export interface TestBed {
  readonly gateway: Gateway;
  readonly clock: TestClock;
  readonly ledger: MemoryLedger;
  readonly store: ColumnStore;
  readonly directory: string;
  /** Another gateway on the same directory, ledger and clock. */
  again(changes?: Partial<GatewayParts>): Gateway;
  close(): Promise<void>;
}

export async function openTestBed(
  limits: GatewayOptions['limits'] = {},
  changes: Partial<GatewayParts> = {},
  profile: Profile = 'international',
): Promise<TestBed> {
  const clock = createTestClock(START_MS);
  const ledger = createMemoryLedger(nodeCrypto, profile, () => clock.now_ms());
  putGatewayAccount(ledger, ACCOUNT, nodeCrypto.publicKeyOf(GATEWAY_SECRET));
  const opened = openTestStore();
  const store = createColumnStore(opened);
  await emptyStore(store, opened);
  const directory = mkdtempSync(join(tmpdir(), 'suyuan-gateway-'));
  const gateways: Gateway[] = [];
  const make = (more: Partial<GatewayParts> = {}): Gateway => {
    const gateway = createGateway(
      { directory, account: ACCOUNT, listen: { host: '127.0.0.1', port: 0 }, limits },
      {
        clock,
        ledger,
        client: opened,
        crypto: nodeCrypto,
        random: (size) => new Uint8Array(size).map((_, i) => (gateways.length * 31 + i) & 0xff),
        logger: pino({ level: process.env.TEST_LOG ?? 'silent' }),
        secretKey: GATEWAY_SECRET,
        ...changes,
        ...more,
      },
    );
    gateways.push(gateway);
    return gateway;
  };
  const gateway = make();
  await gateway.start();
  return {
    gateway,
    clock,
    ledger,
    store,
    directory,
    again: make,
    async close() {
      for (const one of gateways) await one.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
