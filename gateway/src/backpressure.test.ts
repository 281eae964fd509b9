import type { ClickHouseClient } from '@clickhouse/client';
import { nodeCrypto } from '@suyuan/contracts/node';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import {
  closeTestStore,
  openTestBed,
  openTestStore,
  START_MS,
  type TestBed,
} from './testing/test-bed.ts';
import { publish, TestDevice, temperatures } from './testing/test-device.ts';
import { until } from './testing/until.ts';

/** The embedded store, with inserts that fail or wait as a test says. */
function troubledClient(): { client: ClickHouseClient; trouble: Trouble } {
  const real = openTestStore();
  const trouble: Trouble = { mode: 'none', inserts: 0 };
  const client = new Proxy(real, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      if (name !== 'insert') return value.bind(target);
      return async (params: Parameters<ClickHouseClient['insert']>[0]) => {
        trouble.inserts += 1;
        if (trouble.mode === 'down') throw new Error('the store is down');
        const result = await target.insert(params);
        if (trouble.mode === 'forgets to answer') throw new Error('connection lost');
        return result;
      };
    },
  });
  return { client, trouble };
}

interface Trouble {
  mode: 'none' | 'down' | 'forgets to answer';
  inserts: number;
}

describe('a gateway whose column store is in trouble', () => {
  let bed: TestBed;
  afterEach(() => bed.close());
  afterAll(closeTestStore);

  it('stores once when an insert came through and its answer did not', async () => {
    const { client, trouble } = troubledClient();
    bed = await openTestBed({}, { client });
    const d = new TestDevice(nodeCrypto, bed.ledger, 'logger-0001', 'ed25519', 1);
    const mqtt = await d.connect(bed.gateway.port, START_MS);
    trouble.mode = 'forgets to answer';
    await publish(mqtt, d.topic, d.pack(temperatures(START_MS)));
    bed.gateway.closeBatch();
    await until(() => bed.gateway.status().alarms.counts['store-failed'] === 1);
    bed.clock.advance(1000);
    await until(() => bed.gateway.status().alarms.counts['store-failed'] === 2);
    trouble.mode = 'none';
    bed.clock.advance(60_000);
    await bed.gateway.drained();
    expect(await bed.store.query('SELECT count() AS n FROM packs')).toEqual([{ n: 1 }]);
    expect(await bed.store.query('SELECT count() AS n FROM readings')).toEqual([{ n: 2 }]);
    await mqtt.endAsync();
  });

  it('acknowledges up to its limit, lets the rest wait and drops nothing', async () => {
    const { client, trouble } = troubledClient();
    bed = await openTestBed({ batchPacks: 4, inFlightPacks: 8 }, { client });
    const d = new TestDevice(nodeCrypto, bed.ledger, 'logger-0001', 'ed25519', 1);
    const mqtt = await d.connect(bed.gateway.port, START_MS);
    trouble.mode = 'down';
    let acknowledged = 0;
    const sent = Array.from({ length: 20 }, () =>
      publish(mqtt, d.topic, d.pack(temperatures(START_MS))).then(() => {
        acknowledged += 1;
      }),
    );
    await until(() => acknowledged === 8 && trouble.inserts > 0);
    const held = bed.gateway.status().packs;
    expect(held.stored).toBe(0);
    expect(held.inFlight).toBe(held.received);
    expect(acknowledged).toBe(8);
    trouble.mode = 'none';
    bed.clock.advance(60_000);
    await Promise.all(sent);
    await bed.gateway.drained();
    expect(bed.gateway.status().packs).toMatchObject({ received: 20, stored: 20, inFlight: 0 });
    await mqtt.endAsync();
  });

  it('takes the packs of others while one device has its share', async () => {
    const { client, trouble } = troubledClient();
    bed = await openTestBed({ batchPacks: 4, inFlightPacks: 16, devicePacks: 6 }, { client });
    const busy = new TestDevice(nodeCrypto, bed.ledger, 'logger-0001', 'ed25519', 1);
    const quiet = new TestDevice(nodeCrypto, bed.ledger, 'logger-0002', 'ed25519', 2);
    const flood = await busy.connect(bed.gateway.port, START_MS);
    const other = await quiet.connect(bed.gateway.port, START_MS);
    trouble.mode = 'down';
    let acknowledged = 0;
    const sent = Array.from({ length: 40 }, () =>
      publish(flood, busy.topic, busy.pack(temperatures(START_MS))).then(() => {
        acknowledged += 1;
      }),
    );
    await until(() => acknowledged === 6);
    await publish(other, quiet.topic, quiet.pack(temperatures(START_MS)));
    expect(acknowledged).toBe(6);
    trouble.mode = 'none';
    bed.clock.advance(60_000);
    await Promise.all(sent);
    await bed.gateway.drained();
    expect(bed.gateway.status().packs).toMatchObject({ received: 41, stored: 41, inFlight: 0 });
    await Promise.all([flood.endAsync(), other.endAsync()]);
  });

  it('closes no more batches than may wait for the ledger, and goes on when it is back', async () => {
    bed = await openTestBed({ batchPacks: 2, inFlightPacks: 4, anchorBacklog: 2 });
    const d = new TestDevice(nodeCrypto, bed.ledger, 'logger-0001', 'ed25519', 1);
    const mqtt = await d.connect(bed.gateway.port, START_MS);
    bed.ledger.paused = true;
    let acknowledged = 0;
    const sent = Array.from({ length: 20 }, () =>
      publish(mqtt, d.topic, d.pack(temperatures(START_MS))).then(() => {
        acknowledged += 1;
      }),
    );
    // Two batches of two are stored, and four packs fill the open one.
    await until(() => acknowledged === 8 && bed.gateway.status().batches.stored === 2);
    expect(bed.gateway.status().batches).toMatchObject({ closed: 2, open: 4, anchored: 0 });
    bed.ledger.resume();
    await Promise.all(sent);
    await bed.gateway.drained();
    expect(bed.gateway.status().packs).toMatchObject({ received: 20, stored: 20, inFlight: 0 });
    await mqtt.endAsync();
  });

  it('stops in good order while packs wait', async () => {
    const { client, trouble } = troubledClient();
    bed = await openTestBed({ batchPacks: 2, inFlightPacks: 4 }, { client });
    const d = new TestDevice(nodeCrypto, bed.ledger, 'logger-0001', 'ed25519', 1);
    const mqtt = await d.connect(bed.gateway.port, START_MS);
    trouble.mode = 'down';
    let acknowledged = 0;
    const sent = Array.from({ length: 10 }, () =>
      publish(mqtt, d.topic, d.pack(temperatures(START_MS))).then(
        () => {
          acknowledged += 1;
        },
        () => {},
      ),
    );
    await until(() => acknowledged === 4);
    await bed.gateway.stop();
    mqtt.end(true);
    await Promise.all(sent);
    trouble.mode = 'none';
    const second = bed.again();
    await second.start();
    await second.drained();
    expect(second.status().packs).toMatchObject({ received: 4, stored: 4, inFlight: 0 });
  });
});
