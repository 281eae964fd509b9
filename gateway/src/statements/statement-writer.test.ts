import { decodeStatement, type Reading, verifyStatement } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ACCOUNT, GATEWAY_SECRET } from '../testing/accounts.ts';
import { putDevice, putGatewayAccount } from '../testing/memory-ledger.ts';
import { closeTestStore, openTestBed, START_MS, type TestBed } from '../testing/test-bed.ts';
import { publish, secretOf, TestDevice } from '../testing/test-device.ts';
import { until } from '../testing/until.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** START_MS is noon of 15 March 2026. */
const MIDNIGHT_MS = START_MS - 12 * HOUR_MS;

describe('monthly statements', () => {
  let bed: TestBed;
  let device: TestDevice;
  beforeEach(async () => {
    bed = await openTestBed();
    device = new TestDevice(nodeCrypto, bed.ledger, 'logger-0001', 'ed25519', 1);
  });
  afterEach(() => bed.close());
  afterAll(closeTestStore);

  async function send(...readings: Reading[][]): Promise<void> {
    const client = await device.connect(bed.gateway.port, bed.clock.now_ms());
    for (const list of readings) await publish(client, device.topic, device.pack(list));
    await client.endAsync();
    await bed.gateway.drained();
  }

  const at = (time_ms: number, value: number): Reading => ({
    quantity: 'humidity',
    time_ms,
    value,
  });

  async function statements() {
    const rows = await bed.store.query(
      'SELECT month, revision, readings, base64Encode(bytes) AS b FROM statements ORDER BY month, revision',
    );
    return rows.map((row) => ({
      revision: Number(row.revision),
      readings: Number(row.readings),
      stated: decodeStatement(Uint8Array.from(Buffer.from(String(row.b), 'base64'))),
    }));
  }

  it('states the days that have passed, and only those', async () => {
    await send(
      [at(MIDNIGHT_MS - 3 * HOUR_MS, 60_000), at(MIDNIGHT_MS - 1, 62_000)],
      [at(MIDNIGHT_MS - 3 * HOUR_MS + 5, 58_000), at(MIDNIGHT_MS - 3 * DAY_MS, 61_000)],
      [at(MIDNIGHT_MS, 99_000)],
    );
    await bed.gateway.reconcileStatements();
    const [only, ...more] = await statements();
    expect(more).toEqual([]);
    expect(only?.stated).toMatchObject({
      device: device.id,
      quantity: 'humidity',
      month: '2026-03',
      signer: ACCOUNT,
      slot_s: 3600,
    });
    const slots = (hours: number[]) =>
      Uint8Array.of(0, 1, 2).map((i) =>
        hours.reduce(
          (byte, hour) => byte | (Math.floor(hour / 8) === i ? 0x80 >> (hour % 8) : 0),
          0,
        ),
      );
    expect(only?.stated.days).toEqual([
      { day: 12, count: 1, min: 61_000, max: 61_000, sum: 61_000, late: 1, slots: slots([0]) },
      {
        day: 14,
        count: 3,
        min: 58_000,
        max: 62_000,
        sum: 180_000,
        late: 0,
        slots: slots([21, 23]),
      },
    ]);
    const key = nodeCrypto.publicKeyOf(GATEWAY_SECRET);
    if (only === undefined) throw new Error('no statement');
    expect(verifyStatement(nodeCrypto, key, only.stated)).toBe(true);
    // Nothing new: nothing written.
    await bed.gateway.reconcileStatements();
    expect(await statements()).toHaveLength(1);
  });

  it('states a day after its end by itself, and again when late readings change it', async () => {
    await send([at(START_MS, 60_000)]);
    expect(await statements()).toEqual([]);
    bed.clock.advance(DAY_MS);
    await until(() => bed.gateway.status().statements === 1);
    await send([at(START_MS + 1, 70_000)]);
    bed.clock.advance(HOUR_MS);
    await until(() => bed.gateway.status().statements === 2);
    const all = await statements();
    expect(all.map(({ revision, readings }) => [revision, readings])).toEqual([
      [1, 1],
      [2, 2],
    ]);
    expect(all[1]?.stated.days).toMatchObject([{ day: 15, count: 2, max: 70_000 }]);
  });

  it('states the last days of a month in the next one, each month by itself', async () => {
    await send([at(START_MS, 60_000)]);
    bed.clock.advance(20 * DAY_MS);
    await send([
      at(bed.clock.now_ms() - 5 * DAY_MS, 1000),
      at(bed.clock.now_ms() - 2 * DAY_MS, 2000),
    ]);
    await bed.gateway.reconcileStatements();
    const months = (await statements()).map(({ stated }) => [stated.month, stated.days.length]);
    expect(months.at(-1)).toEqual(['2026-04', 1]);
    expect(months.at(-2)).toEqual(['2026-03', 2]);
  });

  it('makes up after a start for what it missed while it was away', async () => {
    await send([at(START_MS, 60_000)]);
    await bed.gateway.stop();
    bed.clock.advance(3 * DAY_MS);
    const second = bed.again();
    await second.start();
    await until(() => second.status().statements === 1);
    expect(await statements()).toHaveLength(1);
  });

  it('signs every month again when the key of its account has changed', async () => {
    await send([at(MIDNIGHT_MS - 1, 60_000)], [at(MIDNIGHT_MS - 40 * DAY_MS, 61_000)]);
    await bed.gateway.reconcileStatements();
    await bed.gateway.stop();
    const secretKey = secretOf('ed25519', 1_000_001);
    const key = nodeCrypto.publicKeyOf(secretKey);
    putGatewayAccount(bed.ledger, ACCOUNT, key);
    const second = bed.again({ secretKey });
    await second.start();
    await until(() => second.status().statements === 2);
    const all = await statements();
    expect(all.map(({ stated, revision }) => [stated.month, revision])).toEqual([
      ['2026-02', 1],
      ['2026-02', 2],
      ['2026-03', 1],
      ['2026-03', 2],
    ]);
    for (const { stated, revision } of all) {
      expect(stated.revision).toBe(revision);
      expect(verifyStatement(nodeCrypto, key, stated)).toBe(revision === 2);
    }
    await second.reconcileStatements();
    expect(await statements()).toHaveLength(4);
  });

  it('states nothing from before the device stood anywhere, and stores and flags it', async () => {
    const key = device.publicKey();
    const first_ms = MIDNIGHT_MS - 2 * DAY_MS;
    const stood = [{ from: first_ms, to: first_ms + HOUR_MS }, { from: MIDNIGHT_MS + 40 * DAY_MS }];
    putDevice(bed.ledger, device.id, key, 'active', stood);
    // 1978, two months before, the same month before, and after.
    const before = [Date.UTC(1978, 6, 5), MIDNIGHT_MS - 60 * DAY_MS, first_ms - 1];
    for (const time_ms of before) await send([at(time_ms, 50_000)]);
    await send([at(first_ms, 60_000)]);
    bed.clock.advance(20 * DAY_MS);
    await send([at(bed.clock.now_ms() - DAY_MS, 61_000)]);
    await bed.gateway.reconcileStatements();
    const all = await statements();
    const latest = all.filter(({ stated }) => stated.month === '2026-03').at(-1)?.stated;
    expect(new Set(all.map(({ stated }) => stated.month))).toEqual(new Set(['2026-03', '2026-04']));
    expect(latest?.days).toMatchObject([{ day: 13, count: 1, min: 60_000 }]);
    const rows = await bed.store.query(
      'SELECT bitAnd(flags, 8) AS flag FROM packs ORDER BY batch, leaf',
    );
    expect(rows.map(({ flag }) => flag)).toEqual([8, 8, 8, 0, 0]);
    expect(await bed.store.query('SELECT count() AS n FROM readings')).toEqual([{ n: 5 }]);
  });

  it('states nothing of a device that stood nowhere, until the ledger says that it did', async () => {
    putDevice(bed.ledger, device.id, device.publicKey(), 'active', []);
    await send([at(MIDNIGHT_MS - 1, 60_000)]);
    await bed.gateway.reconcileStatements();
    expect(await statements()).toEqual([]);
    const from = MIDNIGHT_MS - DAY_MS;
    putDevice(bed.ledger, device.id, device.publicKey(), 'active', [{ from }]);
    bed.clock.advance(HOUR_MS);
    await until(() => bed.gateway.status().statements === 1);
    expect(await statements()).toHaveLength(1);
  });

  it('leaves out the months between two places', async () => {
    const months = [0, 1, 2].map((month) => Date.UTC(2025, 10 + month, 10));
    const [november = 0, december = 0, january = 0] = months;
    const stood = [{ from: november, to: november + DAY_MS }, { from: january }];
    putDevice(bed.ledger, device.id, device.publicKey(), 'active', stood);
    await send([at(november, 1000)], [at(december, 2000)], [at(january, 3000)]);
    await bed.gateway.reconcileStatements();
    expect((await statements()).map(({ stated }) => stated.month)).toEqual(['2025-11', '2026-01']);
  });

  it('states so many months of one device at a time, and the others meanwhile', async () => {
    await bed.close();
    bed = await openTestBed({ statementsPerDevice: 2 });
    device = new TestDevice(nodeCrypto, bed.ledger, 'logger-0001', 'ed25519', 1);
    const busy = device;
    const months = Array.from({ length: 7 }, (_, i) => at(Date.UTC(2025, i, 5), 1000 + i));
    await send(months);
    device = new TestDevice(nodeCrypto, bed.ledger, 'logger-0002', 'ed25519', 2);
    await send([at(MIDNIGHT_MS - DAY_MS, 1000)]);
    // What came late is due after the delay: two of the one, and the other's.
    bed.clock.advance(HOUR_MS / 6);
    await until(() => bed.gateway.status().statements === 3);
    bed.clock.advance(HOUR_MS / 6);
    await until(() => bed.gateway.status().statements === 5);
    // A month that changes again waits behind those that were never stated.
    device = busy;
    await send([at(Date.UTC(2025, 0, 6), 1000)]);
    bed.clock.advance(HOUR_MS / 6);
    await until(() => bed.gateway.status().statements === 7);
    const revisions = async () => {
      const all = await statements();
      return all.filter(({ stated }) => stated.device === busy.id).map((s) => s.revision);
    };
    expect(await revisions()).toEqual([1, 1, 1, 1, 1, 1]);
    // On request all is stated, lap by lap.
    await bed.gateway.reconcileStatements();
    expect(await revisions()).toEqual([1, 2, 1, 1, 1, 1, 1, 1]);
  });
});
