// Everything that may not come in, sent to a running house by the ways that everything comes in. What each room refuses by
// itself is tested in the room: README.md has the table.

import { connect } from 'node:net';
import {
  type CborObject,
  decodeTx,
  encodeCbor,
  encodeTx,
  type Reading,
  type SecretKey,
} from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  GLN,
  GTIN,
  HOLDER,
  issueLabels,
  LOT,
  makeLots,
  registerWorld,
} from './support/aged-lot.ts';
import { fetchVerdict } from './support/fetch-verdict.ts';
import { closed, createHandDevice, type HandDevice, publish } from './support/hand-device.ts';
import { openTestHouse, type TestHouse } from './support/house.ts';

const HOUR_MS = 3_600_000;
const MUTATIONS = 1_000;

let house: TestHouse;
let path: string;

beforeAll(async () => {
  house = await openTestHouse();
  await registerWorld(house);
  await makeLots(house, Date.now() - HOUR_MS);
  [path = ''] = await issueLabels(house, 10);
}, 120_000);
afterAll(() => house?.close());

let devices = 0;
function newDevice(suite: 'sm2' | 'es256' | 'ed25519' = 'sm2'): Promise<HandDevice> {
  devices += 1;
  return createHandDevice(house, { sensor: '', id: `hand-${devices}000`, suite, place: GLN.room });
}

const warm = (time_ms = Date.now(), value = 21_000): Reading[] => [
  { quantity: 'temperature', time_ms, value },
];

/** Reasons of this device's packs in quarantine, in the order in which they came. */
async function quarantined(device: HandDevice): Promise<string[]> {
  await house.gateway.drained();
  await expect.poll(() => house.gateway.status().quarantine.pending, { timeout: 20_000 }).toBe(0);
  const result = await house.client.query({
    query: 'SELECT reason FROM quarantine WHERE device = {id:String} ORDER BY number',
    query_params: { id: device.id },
    format: 'JSONEachRow',
  });
  return (await result.json<{ reason: string }>()).map(({ reason }) => reason);
}

async function stored(device: HandDevice): Promise<{ seq: number; flags: number }[]> {
  await house.gateway.drained();
  const result = await house.client.query({
    query: 'SELECT seq, flags FROM readings WHERE device = {id:String} ORDER BY seq',
    query_params: { id: device.id },
    format: 'JSONEachRow',
  });
  const rows = await result.json<{ seq: string | number; flags: number }>();
  return rows.map(({ seq, flags }) => ({ seq: Number(seq), flags }));
}

function expectBalanced(): void {
  const { received, ...rest } = house.gateway.status().packs;
  expect(Object.values(rest).reduce((sum, each) => sum + each, 0)).toBe(received);
}

describe('the door for devices', () => {
  test('a length of 256 MB before CONNECT is complete closes the connection', async () => {
    const before = house.gateway.status().refusals['mqtt/too-large'] ?? 0;
    const socket = connect(house.mqttPort, '127.0.0.1');
    const end = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.on('error', () => {});
    socket.resume();
    socket.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f, 0x00]));
    await end;
    expect(house.gateway.status().refusals['mqtt/too-large']).toBe(before + 1);
  });

  test('a pack of 20 kB after CONNECT closes the connection, and none of it is taken', async () => {
    const device = await newDevice();
    const { received } = house.gateway.status().packs;
    const client = await device.connect();
    const end = closed(client);
    client.publish(device.topic, Buffer.alloc(20_000), { qos: 1 }, () => {});
    await end;
    client.end(true);
    expect(house.gateway.status().packs.received).toBe(received);
    expect(house.gateway.status().refusals['mqtt/too-large']).toBeGreaterThan(0);
  });

  test.each(['an unknown device', 'a token of another key', 'a token that was bent'])(
    '%s is turned away',
    async (what) => {
      const device = await newDevice('es256');
      const token = device.token();
      const bent = `${token.slice(0, -4)}${token.endsWith('AAAA') ? 'BBBB' : 'AAAA'}`;
      const other = await newDevice('es256');
      const password = what === 'a token that was bent' ? bent : other.token();
      const stranger = { ...device, id: 'nobody-knows-me' };
      const attempt =
        what === 'an unknown device'
          ? (await import('mqtt')).connectAsync(house.mqttUrl, {
              ...{ clientId: stranger.id, username: stranger.id, password: token },
              reconnectPeriod: 0,
            })
          : device.connect({ password });
      await expect(attempt).rejects.toThrow(/[Nn]ot authorized/);
    },
  );

  test('a device that is revoked is cut off, and comes in no more', async () => {
    const device = await newDevice('ed25519');
    const client = await device.connect();
    await publish(client, device.topic, device.next(warm()));
    const end = closed(client);
    await house.submit(HOLDER, 'devices', 'revoke', { id: device.id });
    await end;
    client.end(true);
    await expect(device.connect()).rejects.toThrow(/[Nn]ot authorized/);
    expect(await stored(device)).toHaveLength(1);
  });

  test('the topic of another device closes the connection and raises the alarm', async () => {
    const [device, other] = [await newDevice(), await newDevice()];
    const abuse = house.gateway.status().alarms.counts['identity-abuse'];
    const client = await device.connect();
    const end = closed(client);
    client.publish(other.topic, Buffer.from(other.next(warm())), { qos: 1 }, () => {});
    await end;
    client.end(true);
    expect(house.gateway.status().alarms.counts['identity-abuse']).toBe(abuse + 1);
    expect(await stored(other)).toEqual([]);
  });
});

describe('packs', () => {
  test('that are wrong are acknowledged, kept with their reason and stored nowhere', async () => {
    const [device, other] = [await newDevice(), await newDevice()];
    const client = await device.connect();
    const good = device.next(warm());
    await publish(client, device.topic, good);
    const flipped = device.forge({ readings: warm() });
    flipped[flipped.length - 9] = (flipped[flipped.length - 9] ?? 0) ^ 1;
    const es256: SecretKey = { suite: 'es256', secret: device.secret.secret };
    const cases: [string, Uint8Array, RegExp][] = [
      ['truncated', good.subarray(0, -5), /^cbor\//],
      ['not canonical', Uint8Array.of(0xd8, 0x12, ...good.subarray(1)), /^cbor\//],
      ['wrong tag', Uint8Array.of(0xd1, ...good.subarray(1)), /^(cbor|cose)\//],
      ['no tag', good.subarray(1), /^(cbor|cose)\//],
      ['wrong suite', device.forge({ readings: warm(), secret: es256 }), /^pack\/wrong-suite$/],
      ['signature flipped', flipped, /^pack\/bad-signature$/],
      ['of another device', other.next(warm()), /^pack\/other-device$/],
      [
        'same number, other bytes',
        device.forge({ seq: 0, readings: warm() }),
        /^replay\/equivocation$/,
      ],
      ['too hot', device.forge({ readings: warm(Date.now(), 150_001) }), /^pack\/out-of-range$/],
      ['an unknown unit', device.forge({ payload: encodeCbor([]) } as object), /^pack\//],
    ];
    for (const [, bytes] of cases) await publish(client, device.topic, bytes);
    await client.endAsync();
    const reasons = await quarantined(device);
    expect(reasons).toHaveLength(cases.length);
    for (const [i, [what, , reason]] of cases.entries()) expect(reasons[i], what).toMatch(reason);
    expect(await stored(device)).toEqual([{ seq: 0, flags: 0 }]);
    expect(await stored(other)).toEqual([]);
    expectBalanced();
  });

  test('that come again are counted and stored once; a number that goes back fills its gap', async () => {
    const device = await newDevice('es256');
    const client = await device.connect();
    const packs = [0, 1, 2, 3].map(() => device.next(warm()));
    const { duplicate } = house.gateway.status().packs;
    for (const i of [0, 0, 3]) await publish(client, device.topic, packs[i] ?? new Uint8Array());
    const gapOf = () => house.gateway.status().devices.find(({ id }) => id === device.id)?.missing;
    expect(gapOf()).toBe(2);
    for (const i of [1, 2, 3, 0]) await publish(client, device.topic, packs[i] ?? new Uint8Array());
    await client.endAsync();
    expect(gapOf()).toBe(0);
    expect(house.gateway.status().packs.duplicate).toBe(duplicate + 3);
    expect((await stored(device)).map(({ seq }) => seq)).toEqual([0, 1, 2, 3]);
    expectBalanced();
  });

  test('of a clock that is ahead or far behind are taken and flagged', async () => {
    const device = await newDevice('ed25519');
    const client = await device.connect();
    for (const time_ms of [Date.now(), Date.now() - 50 * HOUR_MS, Date.now() + HOUR_MS])
      await publish(client, device.topic, device.next(warm(time_ms)));
    await client.endAsync();
    expect((await stored(device)).map(({ flags }) => flags)).toEqual([0, 1, 2]);
    expect(await quarantined(device)).toEqual([]);
  });

  test(`bent at random ${MUTATIONS} times: none is stored, and the next good one is`, async () => {
    const device = await newDevice('sm2');
    const client = await device.connect();
    const pack = device.next([...warm(), { quantity: 'humidity', time_ms: Date.now(), value: 1 }]);
    const place = fc.record({
      at: fc.nat(pack.length - 1),
      mask: fc.integer({ min: 1, max: 255 }),
      how: fc.constantFrom('flip', 'cut', 'insert'),
    });
    const seed = Date.now() >>> 0;
    const bent = fc.sample(place, { seed, numRuns: MUTATIONS }).map(({ at, mask, how }) => {
      if (how === 'cut') return pack.subarray(0, at);
      if (how === 'insert')
        return Uint8Array.of(...pack.subarray(0, at), mask, ...pack.subarray(at));
      const copy = Uint8Array.from(pack);
      copy[at] = (copy[at] ?? 0) ^ mask;
      return copy;
    });
    const before = house.gateway.status().packs;
    for (let at = 0; at < bent.length; at += 100)
      await Promise.all(bent.slice(at, at + 100).map((one) => publish(client, device.topic, one)));
    await publish(client, device.topic, pack);
    await client.endAsync();
    expect(
      (await stored(device)).map(({ seq }) => seq),
      `seed ${seed}`,
    ).toEqual([0, 0]);
    const after = house.gateway.status().packs;
    expect(after.quarantined - before.quarantined, `seed ${seed}`).toBe(MUTATIONS);
    expect(after.stored - before.stored).toBe(1);
    expect(house.gateway.status().failure).toBeNull();
    expectBalanced();
  });
});

describe('transactions', () => {
  interface Change {
    readonly signer?: string;
    readonly module?: string;
    readonly action?: string;
    readonly payload?: CborObject;
    readonly validUntilHeight?: number;
    readonly idempotencyKey?: Uint8Array;
    readonly chainId?: Uint8Array;
  }

  async function sign(change: Change): Promise<Uint8Array> {
    const signer = change.signer ?? HOLDER;
    return encodeTx(nodeCrypto, {
      secret: await house.keys.get(signer, 'sm2'),
      signer,
      chainId: house.node.chainId,
      module: 'labels',
      action: 'issue',
      payload: {},
      idempotencyKey: crypto.getRandomValues(new Uint8Array(16)),
      validUntilHeight: house.node.height() + 100,
      ...change,
    });
  }

  async function submit(bytes: Uint8Array): Promise<{ status: number; code: string }> {
    const response = await fetch(`${house.url}/api/v1/transactions`, {
      method: 'POST',
      headers: { 'content-type': 'application/cose' },
      body: Buffer.from(bytes),
    });
    const { code = '' } = (await response.json()) as { code?: string };
    return { status: response.status, code };
  }

  const labels = (count: number, net: number): Change => ({
    payload: {
      gtin: GTIN.peel,
      lot: LOT.peel,
      batch: 'L9',
      root: new Uint8Array(32),
      count,
      net,
    },
  });
  const age = (in_g: number, out_g: number): Change => ({
    module: 'lots',
    action: 'transform',
    payload: {
      inputs: [{ gtin: GTIN.peel, lot: LOT.peel, amount: in_g }],
      outputs: [{ gtin: GTIN.peel, lot: 'P-2', amount: out_g }],
      place: GLN.room,
      process: 're-sun',
    },
  });

  test.each<[string, () => Change, number, string]>([
    ['an unknown module', () => ({ module: 'magic' }), 422, 'rules/unknown-module'],
    ['an unknown action', () => ({ action: 'conjure' }), 422, 'rules/unknown-action'],
    ['an expired height', () => ({ validUntilHeight: 1 }), 409, 'tx/expired'],
    ['another chain', () => ({ chainId: new Uint8Array(32) }), 400, 'tx/other-chain'],
    ['an unknown signer', () => ({ signer: 'nobody' }), 400, 'tx/unknown-signer'],
    ['a field too many', () => ({ payload: { bonus: 1 } }), 422, 'rules/bad-payload'],
    ['labels beyond the mass', () => labels(4_791, 250), 422, 'labels/beyond-mass'],
    ['more mass than the lot has', () => age(1_197_501, 1), 422, 'lots/insufficient-mass'],
    ['mass that rises', () => age(1_000, 1_001), 422, 'lots/mass-rises'],
  ])('with %s are refused', async (_what, change, status, code) => {
    expect(await submit(await sign(change()))).toEqual({ status, code });
  });

  test('with an idempotency key that was used are refused; the same bytes give the same receipt', async () => {
    const idempotencyKey = crypto.getRandomValues(new Uint8Array(16));
    const first = await sign({ ...labels(1, 250), idempotencyKey });
    expect(await submit(first)).toEqual({ status: 200, code: '' });
    expect(await submit(first)).toEqual({ status: 200, code: '' });
    const again = await sign({ ...labels(2, 250), idempotencyKey });
    expect(await submit(again)).toEqual({ status: 409, code: 'tx/duplicate-key' });
  });

  test('bent in any place are refused and change nothing', async () => {
    const good = await sign({
      module: 'accounts',
      action: 'register',
      signer: 'association',
      payload: { id: 'never-registered' },
    });
    expect(decodeTx(good).signer).toBe('association');
    const places = fc.sample(fc.record({ at: fc.nat(good.length - 1), bit: fc.nat(7) }), 60);
    for (const { at, bit } of places) {
      const bent = Uint8Array.from(good);
      bent[at] = (bent[at] ?? 0) ^ (1 << bit);
      const { status } = await submit(bent);
      expect(status, `byte ${at}, bit ${bit}`).toBeGreaterThanOrEqual(400);
      expect(status, `byte ${at}, bit ${bit}`).toBeLessThan(500);
    }
    for (const cut of [0, 1, good.length - 1])
      expect((await submit(good.subarray(0, cut))).status).toBe(400);
    expect((await submit(new Uint8Array(70_000))).status).toBe(413);
    expect(house.node.read('accounts/never-registered')).toBeUndefined();
  });
});

test('after all of it the lot’s bundle verifies, and shows good packs only', async () => {
  await house.gateway.drained();
  const { verdict } = await fetchVerdict(house.url, path, house.genesisHash, () => 7);
  expect(verdict.claims.find(({ kind }) => kind === 'label')).toMatchObject({ grade: 'proven' });
  for (const { points } of verdict.series)
    for (const { max } of points) expect(max).toBeLessThanOrEqual(21_000);
  const health = await fetch(`${house.url}/health`);
  expect(health.status).toBe(200);
});
