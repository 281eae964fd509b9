import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LedgerPort } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { Gateway } from './gateway.ts';
import { ACCOUNT, GATEWAY_SECRET } from './testing/accounts.ts';
import { createMemoryLedger, putGatewayAccount } from './testing/memory-ledger.ts';
import { closeTestStore, openTestBed, START_MS, type TestBed } from './testing/test-bed.ts';
import { publish, TestDevice, temperatures } from './testing/test-device.ts';
import { until } from './testing/until.ts';

describe('a gateway that starts again', () => {
  let bed: TestBed;
  afterEach(() => bed.close());
  afterAll(closeTestStore);

  const device = () => new TestDevice(nodeCrypto, bed.ledger, 'logger-0001', 'ed25519', 1);

  async function send(gateway: Gateway, d: TestDevice, packs: readonly Uint8Array[]) {
    const client = await d.connect(gateway.port, START_MS);
    await Promise.all(packs.map((pack) => publish(client, d.topic, pack)));
    await client.endAsync();
  }

  const anchored = () => (bed.ledger.read(`anchors/${ACCOUNT}`) as { size: number }).size;
  const storedPacks = () => bed.store.query('SELECT seq FROM packs ORDER BY batch, leaf');

  it('goes on with what was neither stored nor anchored, and counts it as received again', async () => {
    bed = await openTestBed();
    const d = device();
    const packs = [0, 1, 2].map(() => d.pack(temperatures(START_MS)));
    await send(bed.gateway, d, packs);
    await bed.gateway.stop();
    expect(await storedPacks()).toEqual([]);

    const second = bed.again();
    await second.start();
    expect(second.status().packs).toMatchObject({ received: 3, stored: 0, inFlight: 3 });
    expect(second.status().devices).toMatchObject([{ id: d.id, lastSeq: 2, missing: 0 }]);
    await send(second, d, [packs[1] ?? new Uint8Array(), d.pack(temperatures(START_MS))]);
    await second.drained();
    expect(second.status().packs).toEqual({
      received: 5,
      stored: 4,
      duplicate: 1,
      quarantined: 0,
      inFlight: 0,
    });
    expect(anchored()).toBe(1);
    expect((await storedPacks()).map((row) => row.seq)).toEqual([0, 1, 2, 3]);
  });

  it('recognises its own anchor when it stopped before it heard of it', async () => {
    bed = await openTestBed();
    const { ledger } = bed;
    const deaf: LedgerPort = {
      ...ledger,
      submit: (tx) => ledger.submit(tx).then(() => new Promise(() => {})),
    };
    await bed.gateway.stop();
    const second = bed.again({ ledger: deaf });
    await second.start();
    const d = device();
    await send(second, d, [d.pack(temperatures(START_MS))]);
    second.closeBatch();
    await until(() => ledger.read(`anchors/${ACCOUNT}`) !== undefined);
    expect(second.status().batches.anchored).toBe(0);
    await second.stop();

    const third = bed.again();
    await third.start();
    await third.drained();
    expect(third.status().batches).toMatchObject({ closed: 1, stored: 1, anchored: 1 });
    expect(anchored()).toBe(1);
  });

  it('anchors again, under a new key, what the ledger refused within a block', async () => {
    bed = await openTestBed();
    const key = nodeCrypto.publicKeyOf(GATEWAY_SECRET);
    const account = bed.ledger.read(`accounts/${ACCOUNT}`) as { roles: string[] };
    bed.ledger.put(`accounts/${ACCOUNT}`, { ...account, roles: ['regulator'] });
    const d = device();
    await send(bed.gateway, d, [d.pack(temperatures(START_MS))]);
    bed.gateway.closeBatch();
    await until(() => bed.gateway.status().alarms.counts['anchor-refused'] === 1);
    putGatewayAccount(bed.ledger, ACCOUNT, key);
    bed.clock.advance(60_000);
    await bed.gateway.drained();
    expect(anchored()).toBe(1);
  });

  it('anchors on when its clock has been ahead for a while', async () => {
    bed = await openTestBed();
    await bed.gateway.stop();
    let ahead_ms = 0;
    const { clock } = bed;
    const blipping = { ...clock, now_ms: () => clock.now_ms() + ahead_ms };
    const gateway = bed.again({ clock: blipping });
    await gateway.start();
    const d = device();
    const client = await d.connect(gateway.port, START_MS);
    for (ahead_ms of [0, 365 * 86_400_000, 0]) {
      await publish(client, d.topic, d.pack(temperatures(START_MS)));
      await gateway.drained();
    }
    await client.endAsync();
    expect(anchored()).toBe(3);
    const { failure, alarms } = gateway.status();
    expect([failure, alarms.counts['anchor-refused']]).toEqual([null, 0]);
  });

  it('stops rather than fork when another gateway anchors under its account', async () => {
    const failures: Error[] = [];
    bed = await openTestBed({}, { onFailure: (error) => failures.push(error) });
    const { ledger, gateway } = bed;
    const d = device();
    ledger.paused = true;
    await send(gateway, d, [d.pack(temperatures(START_MS))]);
    gateway.closeBatch();
    await until(() => gateway.status().batches.stored === 1);
    ledger.put(`anchors/${ACCOUNT}`, { v: 1, size: 1, root: new Uint8Array(32), frontier: [] });
    ledger.resume();
    await until(() => gateway.status().alarms.counts['anchor-refused'] === 1);
    bed.clock.advance(60_000);
    await until(() => failures.length > 0);
    expect(failures).toMatchObject([{ code: 'gateway/forked-anchors' }]);
    expect(gateway.status().failure).toMatch(/forked-anchors/);
    await expect(gateway.drained()).rejects.toMatchObject({ code: 'gateway/forked-anchors' });
    await expect(d.connect(gateway.port, START_MS)).rejects.toThrow();
  });

  it('refuses a directory, a ledger or a journal that are not its own', async () => {
    bed = await openTestBed();
    const { ledger, gateway } = bed;
    await expect(bed.again().start()).rejects.toMatchObject({ code: 'durable/locked' });
    await gateway.stop();
    const otherLedger = createMemoryLedger(nodeCrypto, 'guomi', () => START_MS);
    await expect(bed.again({ ledger: otherLedger }).start()).rejects.toMatchObject({
      code: 'gateway/foreign-journal',
    });
    ledger.put(`anchors/${ACCOUNT}`, { v: 1, size: 7, root: new Uint8Array(32), frontier: [] });
    await expect(bed.again().start()).rejects.toMatchObject({ code: 'gateway/forked-anchors' });
    writeFileSync(join(bed.directory, 'snapshot.cbor'), 'no snapshot');
    await expect(bed.again().start()).rejects.toMatchObject({
      code: 'gateway/journal-inconsistent',
    });
  });

  it('refuses a ledger that has lost its anchors', async () => {
    bed = await openTestBed();
    const d = device();
    await send(bed.gateway, d, [d.pack(temperatures(START_MS))]);
    await bed.gateway.drained();
    await bed.gateway.stop();
    const empty: LedgerPort = {
      ...bed.ledger,
      read: (key) => (key.startsWith('anchors/') ? undefined : bed.ledger.read(key)),
    };
    await expect(bed.again({ ledger: empty }).start()).rejects.toMatchObject({
      code: 'gateway/ledger-behind',
    });
  });

  it('writes again what the column store has lost of stored batches', async () => {
    bed = await openTestBed();
    const d = device();
    for (let i = 0; i < 3; i += 1) {
      await send(bed.gateway, d, [d.pack(temperatures(START_MS)), d.pack(temperatures(START_MS))]);
      await bed.gateway.drained();
    }
    await bed.gateway.stop();
    const client = bed.store;
    await client.deleteBatch(ACCOUNT, 1);
    expect(await storedPacks()).toHaveLength(4);
    const second = bed.again();
    await second.start();
    expect((await storedPacks()).map((row) => row.seq)).toEqual([0, 1, 2, 3, 4, 5]);
    const readings = await bed.store.query(
      'SELECT batch, count() AS n FROM readings GROUP BY batch',
    );
    expect(readings.map((row) => row.n)).toEqual([4, 4, 4]);
    expect(second.status().packs).toMatchObject({ received: 0, stored: 0, inFlight: 0 });
  });

  it('drops the journal behind it and still knows every pack of its window', async () => {
    bed = await openTestBed({ journalSegment_bytes: 8192, batchPacks: 16, inFlightPacks: 64 });
    const d = device();
    const packs = Array.from({ length: 200 }, () => d.pack(temperatures(START_MS)));
    for (let at = 0; at < packs.length; at += 40) {
      await send(bed.gateway, d, packs.slice(at, at + 40));
      await bed.gateway.drained();
    }
    const written = 200 * (packs[0]?.length ?? 0);
    await bed.gateway.stop();
    const files = readdirSync(join(bed.directory, 'journal'));
    expect(files.length).toBeLessThan(written / 8192 - 1);
    expect(files).not.toContain('0000000000.log');

    const second = bed.again();
    await second.start();
    expect(second.status().batches).toMatchObject({
      open: 0,
      stored: second.status().batches.closed,
    });
    await send(second, d, [...packs.slice(100), d.pack(temperatures(START_MS))]);
    await second.drained();
    expect(second.status().packs).toMatchObject({ received: 101, duplicate: 100, stored: 1 });
    expect(await storedPacks()).toHaveLength(201);
    expect(anchored()).toBe(second.status().batches.closed);
  });

  it('keeps quarantined packs over a restart, once', async () => {
    bed = await openTestBed({ quarantinePerHour: 3 });
    const d = device();
    const bad = Array.from({ length: 5 }, (_, i) => Uint8Array.of(0xd2, i));
    await send(bed.gateway, d, bad);
    expect(bed.gateway.status()).toMatchObject({
      packs: { received: 5, quarantined: 5, inFlight: 0 },
      quarantine: { countedOnly: 2 },
      alarms: { counts: { 'quarantine-quota': 1 } },
    });
    await bed.gateway.stop();
    const second = bed.again();
    await second.start();
    await until(() => second.status().quarantine.pending === 0);
    await send(second, d, [Uint8Array.of(0xd2, 9)]);
    await second.stop();
    const third = bed.again();
    await third.start();
    await until(() => third.status().quarantine.pending === 0);
    const rows = await bed.store.query(
      'SELECT number, hex(bytes) AS b FROM quarantine ORDER BY number',
    );
    expect(rows.map((row) => row.number)).toEqual([0, 1, 2, 3]);
    expect(rows.at(-1)?.b).toBe('D209');
  });
});
