import { createHash } from 'node:crypto';
import {
  bytesToHex,
  decodePack,
  deviceLink,
  eventHash,
  LEDGER_CONTEXT,
  packId,
  packReadings,
} from '@suyuan/contracts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDeviceIndex } from '../bundle/device-index.ts';
import { silentLogger } from '../engine/logger.ts';
import { DEVICE, seedLot } from '../http/testing/seed.ts';
import type { StoredPack } from '../readings/port.ts';
import { eventsOfBlock } from './ledger-block.ts';
import { createSensorStore } from './sensor-store.ts';
import { createStaySensors } from './stay-sensors.ts';
import { eventsIn, openTestEpcis, type TestEpcis } from './testing/open-epcis.ts';

// The columns that the summaries rely on; the gateway's migrations make them (and more).
const TABLES = [
  `CREATE TABLE packs (gateway LowCardinality(String), batch UInt64, leaf UInt32, boot UInt64, seq UInt64,
    id FixedString(32)) ENGINE = MergeTree ORDER BY (gateway, batch, leaf)`,
  `CREATE TABLE readings (device LowCardinality(String), quantity LowCardinality(String), time_ms Int64, value Int64,
    flags UInt8, boot UInt64, seq UInt64, gateway LowCardinality(String), batch UInt64, leaf UInt32)
    ENGINE = MergeTree ORDER BY (device, quantity, time_ms, boot, seq)`,
];

let t: TestEpcis;
let ids: Uint8Array[];
beforeAll(async () => {
  t = await openTestEpcis();
  ids = t.seeded.packs.map(({ bytes }) => packId(t.world.hash, decodePack(bytes)));
});
afterAll(() => t.close());

async function keep(packs: readonly StoredPack[], change: object = {}): Promise<void> {
  for (const pack of packs) {
    const id = bytesToHex(packId(t.world.hash, decodePack(pack.bytes)));
    const place = { gateway: pack.gateway, batch: pack.batch, leaf: pack.leaf, ...change };
    const query_params = { ...place, boot: pack.boot, seq: pack.seq, id };
    await t.client.command({
      query: `INSERT INTO packs SELECT {gateway:String}, {batch:UInt64}, {leaf:UInt32}, {boot:UInt64}, {seq:UInt64},
        toFixedString(unhex({id:String}), 32)`,
      query_params,
    });
    const values = packReadings(decodePack(pack.bytes)).map((reading) => ({
      ...{ ...reading, device: pack.device, flags: 0, boot: pack.boot, seq: pack.seq },
      ...place,
    }));
    await t.client.insert({ table: 'readings', values, format: 'JSONEachRow' });
  }
}

const sensorsNow = (storeWait_ms = 0) =>
  createStaySensors({
    node: t.world.node,
    devices: createDeviceIndex(t.world.node),
    store: createSensorStore(t.client),
    logger: silentLogger,
    signal: new AbortController().signal,
    storeWait_ms,
  });

const told = async () => {
  const sensors = sensorsNow();
  const all = [];
  for (let height = 1; height <= t.world.node.height(); height += 1)
    all.push(...(await eventsOfBlock(t.world.node, sensors, height)));
  return all.map(({ event }) => event);
};

it('sums up what watched over the goods, with the packs that it rests on', async () => {
  for (const query of TABLES) await t.client.command({ query });
  await keep(t.seeded.packs);
  await seedLot(t.world);
  await t.epcis.feed.caughtUp();
  const found = eventsIn(await t.get(`/events?EQ_deviceID=${deviceLink(DEVICE)}`));
  expect(found).toMatchObject([
    {
      bizStep: 'encoding',
      sensorElementList: [
        {
          sensorMetadata: { 'suyuan:packCount': 40 },
          sensorReport: [{ type: 'RelativeHumidity', minValue: 59.961, maxValue: 60 }],
        },
        {
          sensorMetadata: {
            startTime: '2025-01-10T01:00:00.000Z',
            endTime: '2025-01-11T16:00:00.000Z',
            deviceID: deviceLink(DEVICE),
            dataProcessingMethod: 'urn:suyuan:summary:1',
            rawData: `ni:///sha-256;${createHash('sha256').update(Buffer.concat(ids)).digest('base64url')}`,
            'suyuan:packs': ids.map((id) => `urn:suyuan:pack:${bytesToHex(id)}`),
          },
          sensorReport: [
            {
              type: 'Temperature',
              minValue: 24,
              maxValue: 24.039,
              meanValue: 24.02,
              uom: 'CEL',
              'suyuan:count': 40,
            },
          ],
        },
      ],
    },
  ]);
  expect(found[0]?.eventID).toBe(eventHash(found[0] as never, LEDGER_CONTEXT));
});

it('tells the same later, whatever came or was anchored after the block', async () => {
  const before = await told();
  const [first, second] = t.seeded.packs as [StoredPack, StoredPack];
  // Late packs of the stay, in a batch that is not anchored; and copies of anchored ones at another gateway.
  await keep([{ ...first, seq: 900 }], { batch: 2, leaf: 0 });
  await keep([second], { gateway: 'other', batch: 0 });
  expect(await told()).toEqual(before);
  await t.world.act('gateway', 'anchors', 'commit', {
    v: 1,
    batch: 2,
    root: new Uint8Array(32),
    count: 1,
    from: 0,
    to: 1,
    map: null,
  });
  expect(await told()).toEqual(before);
});

it('waits for anchored packs that are not stored yet, and goes without those that never come', async () => {
  await t.world.act('gateway', 'anchors', 'commit', {
    v: 1,
    batch: 3,
    root: new Uint8Array(32),
    count: 1,
    from: 0,
    to: 1,
    map: null,
  });
  const receipt = await t.world.act('grower', 'lots', 're-weigh', {
    gtin: '06901234567892',
    lot: 'A/1',
    amount: 700,
  });
  const height = t.world.node.height();
  expect(receipt.ok).toBe(true);
  const [without] = await eventsOfBlock(t.world.node, sensorsNow(), height);
  expect(without?.event).not.toHaveProperty('sensorElementList');
  const waiting = eventsOfBlock(t.world.node, sensorsNow(60_000), height);
  const [first] = t.seeded.packs as [StoredPack];
  await keep([{ ...first, seq: 901 }], { batch: 3, leaf: 0 });
  const [event] = await waiting;
  expect(JSON.stringify(event?.event.sensorElementList)).toContain('"suyuan:packCount":42');
});
