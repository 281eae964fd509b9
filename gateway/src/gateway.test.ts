import { decodePack, leafHash, logRoot, profileHash } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { putDevice } from './testing/memory-ledger.ts';
import {
  ACCOUNT,
  closeTestStore,
  openTestBed,
  START_MS,
  type TestBed,
} from './testing/test-bed.ts';
import { publish, TestDevice, temperatures } from './testing/test-device.ts';

const HOUR_MS = 3_600_000;

function toHex(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString('hex');
}

describe('a gateway with a broker, a journal and a column store', () => {
  let bed: TestBed;
  beforeEach(async () => {
    bed = await openTestBed();
  });
  afterEach(() => bed.close());
  afterAll(closeTestStore);

  const device = (id = 'logger-0001', seed = 1, suite: 'es256' | 'ed25519' | 'sm2' = 'es256') =>
    new TestDevice(nodeCrypto, bed.ledger, id, suite, seed);

  async function quarantined(): Promise<string[]> {
    await bed.gateway.drained();
    for (;;) {
      if (bed.gateway.status().quarantine.pending === 0) break;
      await new Promise(setImmediate);
    }
    const rows = await bed.store.query('SELECT reason FROM quarantine ORDER BY number');
    return rows.map((row) => String(row.reason));
  }

  it('stores and anchors what it acknowledged', async () => {
    const d = device();
    const client = await d.connect(bed.gateway.port, START_MS);
    const packs = [0, 1, 2].map((i) => d.pack(temperatures(START_MS + i)));
    await Promise.all(packs.map((pack) => publish(client, d.topic, pack)));
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
    expect(status.devices).toMatchObject([{ id: d.id, boot: 1, lastSeq: 2, missing: 0, gaps: [] }]);

    const rows = await bed.store.query(
      'SELECT leaf, seq, hex(bytes) AS bytes, lower(hex(id)) AS id FROM packs ORDER BY batch, leaf',
    );
    const stored = rows.map((row) => Uint8Array.from(Buffer.from(String(row.bytes), 'hex')));
    expect(stored.map((bytes) => decodePack(bytes).seq)).toEqual([0, 1, 2]);
    expect(rows[1]?.id).toBe(toHex(d.idOf(packs[1] ?? new Uint8Array())));
    const hash = profileHash(nodeCrypto, 'international');
    const root = logRoot(
      hash,
      stored.map((bytes) => leafHash(hash, bytes)),
    );
    expect(status.batches.lastRoot).toBe(toHex(root));
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

  it.each(['sm2', 'ed25519'] as const)('takes packs signed in %s', async (suite) => {
    const d = device('logger-0002', 2, suite);
    const client = await d.connect(bed.gateway.port, START_MS);
    await Promise.all(
      [0, 1, 2, 3].map(() => publish(client, d.topic, d.pack(temperatures(START_MS)))),
    );
    const bad = d.forge({ readings: temperatures(START_MS) });
    bad[bad.length - 1] = (bad[bad.length - 1] ?? 0) ^ 1;
    await publish(client, d.topic, bad);
    expect(await quarantined()).toEqual(['pack/bad-signature']);
    expect(bed.gateway.status().packs.stored).toBe(4);
    await client.endAsync();
  });

  it('works under the guomi profile', async () => {
    await bed.close();
    bed = await openTestBed({ sm2Workers: 0 }, {}, 'guomi');
    const d = device('logger-0003', 3, 'sm2');
    const client = await d.connect(bed.gateway.port, START_MS);
    await publish(client, d.topic, d.pack(temperatures(START_MS)));
    await bed.gateway.drained();
    const [pack] = await bed.store.query('SELECT lower(hex(leaf_hash)) AS leaf FROM packs');
    // One pack: its leaf is the root, under SM3.
    expect(pack?.leaf).toBe(bed.gateway.status().batches.lastRoot);
    await client.endAsync();
  });

  it('keeps each kind of bad pack with its reason and acknowledges it', async () => {
    const d = device();
    const other = device('logger-0009', 9);
    const client = await d.connect(bed.gateway.port, START_MS);
    const good = d.pack(temperatures(START_MS));
    await publish(client, d.topic, good);
    const flipped = d.forge({ readings: temperatures(START_MS) });
    flipped[flipped.length - 5] = (flipped[flipped.length - 5] ?? 0) ^ 0x10;
    const nonCanonical = Uint8Array.from([0xd8, 0x12, ...good.subarray(1)]);
    const wrongTag = Uint8Array.from(good);
    wrongTag[0] = 0xd1;
    const hot = [{ quantity: 'temperature', time_ms: START_MS, value: 150_000 }] as const;
    const tooHot = d.forge({ readings: [{ ...hot[0], value: 200_000 }] });
    const senml = d.forge({ payload: Uint8Array.of(0x80) });
    const cases: [Uint8Array, RegExp][] = [
      [good.subarray(0, good.length - 7), /^cbor\//],
      [nonCanonical, /^cbor\//],
      [wrongTag, /^(cbor|cose)\//],
      [flipped, /^pack\/bad-signature$/],
      [other.pack(temperatures(START_MS)), /^pack\/other-device$/],
      [tooHot, /^pack\/out-of-range$/],
      [senml, /^pack\/bad-senml$/],
      [d.forge({ readings: temperatures(START_MS) }, { seq: 0 }), /^replay\/equivocation$/],
      [d.forge({ readings: hot }, { seq: Number.MAX_SAFE_INTEGER }), /^pack\/bad-header$/],
      [new Uint8Array(0), /^cbor\//],
    ];
    for (const [pack] of cases) await publish(client, d.topic, pack);
    // Signed in the suite of another key.
    putDevice(bed.ledger, d.id, other.publicKey('ed25519'));
    await publish(client, d.topic, d.forge({ readings: temperatures(START_MS) }));
    const reasons = await quarantined();
    expect(reasons).toHaveLength(cases.length + 1);
    for (const [i, [, expected]] of cases.entries()) expect(reasons[i]).toMatch(expected);
    expect(reasons.at(-1)).toBe('pack/wrong-suite');
    const { packs, alarms } = bed.gateway.status();
    expect(packs).toEqual({
      received: cases.length + 2,
      stored: 1,
      quarantined: cases.length + 1,
      duplicate: 0,
      inFlight: 0,
    });
    expect(alarms.counts).toMatchObject({
      'identity-abuse': 1,
      equivocation: 1,
      'bad-signature': 1,
    });
    const kept = await bed.store.query(
      'SELECT hex(bytes) AS bytes, claimed, device, topic FROM quarantine WHERE reason = {r:String}',
      { r: 'pack/other-device' },
    );
    expect(kept).toMatchObject([{ claimed: other.id, device: d.id, topic: d.topic }]);
    await client.endAsync();
  });

  it('stores a pack once, however often and however closely it comes', async () => {
    const d = device();
    const client = await d.connect(bed.gateway.port, START_MS);
    const pack = d.pack(temperatures(START_MS));
    await Promise.all(Array.from({ length: 8 }, () => publish(client, d.topic, pack)));
    await bed.gateway.drained();
    await publish(client, d.topic, pack);
    expect(bed.gateway.status().packs).toMatchObject({ received: 9, stored: 1, duplicate: 8 });
    await client.endAsync();
  });

  it('knows what is missing, and when it comes late', async () => {
    const d = device();
    const client = await d.connect(bed.gateway.port, START_MS);
    const packs = [0, 1, 2, 3, 4].map(() => d.pack(temperatures(START_MS)));
    for (const i of [0, 3]) await publish(client, d.topic, packs[i] ?? new Uint8Array());
    expect(bed.gateway.status().devices[0]).toMatchObject({
      missing: 2,
      gaps: [{ boot: 1, from: 1, to: 2 }],
    });
    for (const i of [2, 1, 4]) await publish(client, d.topic, packs[i] ?? new Uint8Array());
    expect(bed.gateway.status().devices[0]).toMatchObject({ missing: 0, gaps: [], lastSeq: 4 });
    await bed.gateway.drained();
    expect(bed.gateway.status().packs.stored).toBe(5);
    expect(bed.gateway.status().alarms.counts['chain-break']).toBe(0);
    await publish(client, d.topic, d.forge({ readings: temperatures(START_MS) }));
    const broken = d.forge({ readings: temperatures(START_MS) }, { seq: 6 });
    await publish(client, d.topic, broken);
    expect(bed.gateway.status().alarms.counts['chain-break']).toBe(1);
    await client.endAsync();
  });

  it('marks readings that come late or from the future, and takes them', async () => {
    const d = device();
    const client = await d.connect(bed.gateway.port, START_MS);
    await publish(client, d.topic, d.pack(temperatures(START_MS - 49 * HOUR_MS, 1)));
    await publish(client, d.topic, d.pack(temperatures(START_MS + HOUR_MS, 1)));
    await publish(client, d.topic, d.pack(temperatures(START_MS, 1)));
    await bed.gateway.drained();
    const rows = await bed.store.query('SELECT flags FROM readings ORDER BY seq');
    expect(rows.map((row) => row.flags)).toEqual([1, 2, 0]);
    expect(bed.gateway.status().alarms.counts['future-clock']).toBe(1);
    await client.endAsync();
  });

  it('lets in only the registered device with a fresh token of its key', async () => {
    const d = device();
    const stranger = device('logger-0666', 6);
    const { port } = bed.gateway;
    const unknown = { clientId: 'logger-none', username: 'logger-none' };
    await expect(d.connect(port, START_MS, unknown)).rejects.toThrow(/Not authorized/);
    await expect(d.connect(port, START_MS, { username: 'logger-0666' })).rejects.toThrow();
    await expect(d.connect(port, START_MS - 11 * 60_000)).rejects.toThrow();
    await expect(d.connect(port, START_MS + 11 * 60_000)).rejects.toThrow();
    const forged = d.token(START_MS, stranger.secret);
    await expect(d.connect(port, START_MS, { password: forged })).rejects.toThrow();
    const foreign = stranger.token(START_MS);
    await expect(d.connect(port, START_MS, { password: foreign })).rejects.toThrow();
    await expect(d.connect(port, START_MS, { password: '=' })).rejects.toThrow();
    expect(bed.gateway.status().refusals).toEqual({
      'connect/unknown-device': 1,
      'connect/bad-credentials': 2,
      'token/expired': 1,
      'token/not-yet-valid': 1,
      'token/bad-signature': 1,
      'token/other-device': 1,
    });
    expect(bed.gateway.status().connectedDevices).toBe(0);
  });

  it('closes a connection that uses the topic of another', async () => {
    const d = device();
    const other = device('logger-0009', 9);
    const client = await d.connect(bed.gateway.port, START_MS);
    const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
    client.publish(other.topic, Buffer.from(other.pack(temperatures(START_MS))), { qos: 1 });
    await closed;
    expect(bed.gateway.status().alarms.counts['identity-abuse']).toBe(1);
    expect(bed.gateway.status().packs.received).toBe(0);
    client.end(true);
  });

  it('closes the connection of a device when the ledger revokes it', async () => {
    const d = device();
    const client = await d.connect(bed.gateway.port, START_MS);
    await publish(client, d.topic, d.pack(temperatures(START_MS)));
    const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
    putDevice(bed.ledger, d.id, d.publicKey(), 'revoked');
    await closed;
    await expect(d.connect(bed.gateway.port, START_MS)).rejects.toThrow(/Not authorized/);
    expect(bed.gateway.status().refusals).toEqual({ 'connect/revoked-device': 1 });
    client.end(true);
  });

  it('lets a device listen to its own commands and to nothing else', async () => {
    const d = device();
    const client = await d.connect(bed.gateway.port, START_MS);
    const granted = await client
      .subscribeAsync([
        `suyuan/v1/commands/${d.id}`,
        'suyuan/v1/commands/logger-0009',
        '#',
        '$SYS/#',
      ])
      .catch((error: Error & { packet?: { granted?: number[] } }) => error);
    const codes = Array.isArray(granted)
      ? granted.map((grant) => grant.qos)
      : (granted as { packet?: { granted?: number[] } }).packet?.granted;
    expect(codes).toEqual([0, 128, 128, 128]);
    const heard = new Promise<string>((resolve) =>
      client.once('message', (_topic, payload) => resolve(payload.toString())),
    );
    await bed.gateway.command(d.id, Buffer.from('sync'));
    expect(await heard).toBe('sync');
    await client.endAsync();
  });

  it('keeps its books in metrics', async () => {
    const d = device();
    const client = await d.connect(bed.gateway.port, START_MS);
    await publish(client, d.topic, d.pack(temperatures(START_MS)));
    await bed.gateway.drained();
    const text = await bed.gateway.metrics.metrics();
    expect(text).toContain('suyuan_gateway_packs_total{outcome="stored"} 1');
    expect(text).toContain('suyuan_gateway_batches_anchored 1');
    await client.endAsync();
  });
});
