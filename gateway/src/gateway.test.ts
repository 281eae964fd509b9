import { decodePack, leafHash, logRoot, profileHash } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ACCOUNT,
  closeTestStore,
  openTestBed,
  START_MS,
  type TestBed,
} from './testing/test-bed.ts';
import { TestDevice, temperatures } from './testing/test-device.ts';

describe('a gateway with a broker, a journal and a column store', () => {
  let bed: TestBed;
  beforeEach(async () => {
    bed = await openTestBed();
  });
  afterEach(() => bed.close());
  afterAll(closeTestStore);

  it('stores and anchors what it acknowledged', async () => {
    const device = new TestDevice(nodeCrypto, bed.ledger, 'logger-0001', 'es256', 1);
    const client = await device.connect(bed.gateway.port, START_MS);
    const packs = [0, 1, 2].map((i) => device.pack(temperatures(START_MS + i)));
    await Promise.all(
      packs.map((pack) => client.publishAsync(device.topic, Buffer.from(pack), { qos: 1 })),
    );
    await bed.gateway.drained();

    const status = bed.gateway.status();
    expect(status.packs).toEqual({
      received: 3,
      stored: 3,
      quarantined: 0,
      duplicate: 0,
      inFlight: 0,
    });
    expect(status.batches).toMatchObject({ open: 0, closed: 1, stored: 1, anchored: 1 });
    expect(status.devices).toMatchObject([
      { id: device.id, boot: 1, lastSeq: 2, missing: 0, gaps: [] },
    ]);

    const rows = await bed.store.query(
      'SELECT leaf, seq, hex(bytes) AS bytes, lower(hex(id)) AS id FROM packs ORDER BY batch, leaf',
    );
    const stored = rows.map((row) => Uint8Array.from(Buffer.from(String(row.bytes), 'hex')));
    expect(stored.map((bytes) => decodePack(bytes).seq)).toEqual([0, 1, 2]);
    expect(rows[1]?.id).toBe(
      Buffer.from(device.idOf(packs[1] ?? new Uint8Array())).toString('hex'),
    );
    const hash = profileHash(nodeCrypto, 'international');
    const root = logRoot(
      hash,
      stored.map((bytes) => leafHash(hash, bytes)),
    );
    expect(status.batches.lastRoot).toBe(Buffer.from(root).toString('hex'));
    expect(bed.ledger.read(`anchors/${ACCOUNT}`)).toMatchObject({ size: 1 });

    const readings = await bed.store.query(
      'SELECT quantity, time_ms, value FROM readings ORDER BY time_ms, seq',
    );
    expect(readings).toHaveLength(6);
    expect(readings[0]).toEqual({
      quantity: 'temperature',
      time_ms: START_MS - 60_000,
      value: 21_000,
    });
    await client.endAsync();
  });
});
