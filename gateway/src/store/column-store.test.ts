import { afterAll, expect, it } from 'vitest';
import { closeTestStore, openTestStore } from '../testing/test-bed.ts';
import { createColumnStore } from './column-store.ts';
import { MIGRATIONS } from './migrations.ts';

afterAll(closeTestStore);

it('has what it answered for on the disk, and drops what comes twice', async () => {
  const client = openTestStore();
  const store = createColumnStore(client);
  await store.migrate();
  const syncs = async () => {
    const rows = await store.query("SELECT value FROM system.events WHERE event = 'FileSync'");
    return Number(rows[0]?.value ?? 0);
  };
  const packs = Array.from({ length: 3 }, (_, seq) => ({
    ...{ deviceId: 'logger-0001', bootEpoch: 1, seq, received_ms: 5, flags: 0 },
    ...{ id: new Uint8Array(32), prev: new Uint8Array(32), leafHash: new Uint8Array(32) },
    bytes: Uint8Array.of(1, 2, 3),
    readings: [{ quantity: 'humidity' as const, time_ms: 4, value: 60_000 }],
  }));
  const before = await syncs();
  await store.insertBatch('gateway-1', { batch: 0, packs });
  // At least the data and the directory of a part in each table.
  expect((await syncs()) - before).toBeGreaterThanOrEqual(4);
  await store.insertBatch('gateway-1', { batch: 0, packs });
  expect(await store.batchCounts('gateway-1', 0)).toEqual(
    new Map([[0, { packs: 3, readings: 3 }]]),
  );
});

it('syncs every table that it makes', () => {
  const tables = MIGRATIONS.flatMap(({ statements }) => statements);
  expect(tables.length).toBeGreaterThan(3);
  for (const table of tables) {
    expect(table).toContain('fsync_after_insert = 1, fsync_part_directory = 1');
  }
});
