import {
  bytesToHex,
  checkBundle,
  decodeAnchor,
  decodeBundle,
  decodeHeader,
  decodePack,
  decodePackedBatch,
  decodeStatement,
  encodeStatement,
  getAnchorLog,
  hexToBytes,
  leafHash,
  type PackedBatch,
  packReadings,
  unitLeaf,
  verifyAbsence,
  verifyBundle,
  verifyInclusion,
  verifyPresence,
} from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenServer, openServer, openServerOver, problemIn } from '../testing/open-server.ts';
import {
  DEVICE,
  GTIN,
  LOT,
  openWorld,
  PLOT,
  START_MS,
  seedLot,
  seedPacks,
  WAREHOUSE,
} from '../testing/seed.ts';

let server: OpenServer;

beforeAll(async () => {
  server = await openServer();
});
afterAll(() => server.close());

const get = (url: string) => server.app.inject(url);
const bundleUrl = (link: string) => `/api/v1/bundles?link=${encodeURIComponent(link)}`;
const unitLink = `/01/${GTIN}/10/${encodeURIComponent(LOT)}/21/S2`;

let harvests = 0;
function newBlock() {
  harvests += 1;
  const lot = `H${harvests}`;
  return server.world.act('grower', 'lots', 'harvest', { gtin: GTIN, lot, place: PLOT, amount: 1 });
}

function check(bytes: Uint8Array) {
  const { node, clock } = server.world;
  return checkBundle(bytes, node.chainId, clock.now_ms(), { crypto: nodeCrypto });
}

describe('GET /api/v1/proofs/state', () => {
  it('proves presence and absence against one header', async () => {
    const { hash } = server.world;
    const keys = [`products/${GTIN}`, 'products/none'];
    const found = (await get(`/api/v1/proofs/state?key=${keys[0]}&key=${keys[1]}`)).json();
    const { stateRoot } = decodeHeader(hexToBytes(found.header));
    const [absent, present] = found.entries.map(
      (e: {
        key: string;
        value: string | null;
        proof: { siblings: string[]; leaf: null | { path: string; valueHash: string } };
      }) => ({
        key: e.key,
        value: e.value,
        proof: {
          siblings: e.proof.siblings.map(hexToBytes),
          leaf: e.proof.leaf && {
            path: hexToBytes(e.proof.leaf.path),
            valueHash: hexToBytes(e.proof.leaf.valueHash),
          },
        },
      }),
    );
    expect([absent.key, present.key]).toEqual([keys[0], keys[1]].sort());
    const [there, gone] = absent.value === null ? [present, absent] : [absent, present];
    verifyPresence(hash, stateRoot, there.key, hexToBytes(there.value), there.proof);
    verifyAbsence(hash, stateRoot, gone.key, gone.proof);
  });

  it('refuses keys that are none, or too many', async () => {
    expect(problemIn(await get('/api/v1/proofs/state'))).toMatchObject({
      status: 400,
      field: 'key',
    });
    expect(problemIn(await get('/api/v1/proofs/state?key='))).toMatchObject({ status: 400 });
    const many = Array.from({ length: 65 }, (_, n) => `key=k${n}`).join('&');
    expect(problemIn(await get(`/api/v1/proofs/state?${many}`))).toMatchObject({ status: 400 });
  });
});

/** The packs close up to the gateway's whole anchor log, which has `size` leaves. */
function verify(batch: PackedBatch, size: number) {
  const { hash, node } = server.world;
  const anchor = decodeAnchor(batch.anchor);
  const log = getAnchorLog({ get: (key) => node.read(key) }, batch.gateway);
  expect(log?.size).toBe(size);
  verifyInclusion(hash, {
    index: anchor.batch,
    size,
    leaf: leafHash(hash, batch.anchor),
    proof: batch.proof,
    root: log?.root ?? new Uint8Array(),
  });
  for (const { index, pack, proof } of batch.packs) {
    const leaf = leafHash(hash, pack);
    verifyInclusion(hash, { index, size: anchor.count, leaf, proof, root: anchor.root });
  }
}

describe('GET /api/v1/proofs/packs', () => {
  it('gives every stored pack with proofs that close', async () => {
    for (const stored of server.seeded.packs) {
      const response = await get(
        `/api/v1/proofs/packs/${DEVICE}/1/${stored.seq}?logSize=2&gateway=gateway`,
      );
      expect(response.statusCode).toBe(200);
      expect(response.headers['content-type']).toBe('application/cbor');
      const batch = decodePackedBatch(new Uint8Array(response.rawPayload));
      expect(bytesToHex(batch.packs[0]?.pack ?? new Uint8Array())).toBe(bytesToHex(stored.bytes));
      verify(batch, 2);
    }
  });

  it('proves against an earlier log too, and not against one that the pack is not in', async () => {
    expect((await get(`/api/v1/proofs/packs/${DEVICE}/1/3?logSize=1`)).statusCode).toBe(200);
    expect(problemIn(await get(`/api/v1/proofs/packs/${DEVICE}/1/30?logSize=1`)).status).toBe(404);
  });

  it.each([
    [`packs/${DEVICE}/1/999?logSize=2`, 404, undefined],
    [`packs/${DEVICE}/2/3?logSize=2`, 404, undefined],
    ['packs/other-device/1/3?logSize=2', 404, undefined],
    [`packs/${DEVICE}/1/3?logSize=2&gateway=other`, 404, undefined],
    [`packs/${DEVICE}/1/3`, 400, 'logSize'],
    [`packs/${DEVICE}/1/3?logSize=0`, 400, 'logSize'],
    [`packs/${DEVICE}/1/3?logSize=3`, 400, 'logSize'],
    [`packs/${DEVICE}/1/3?logSize=2&logSize=2`, 400, 'logSize'],
    [`packs/${DEVICE}/x/3?logSize=2`, 400, 'boot'],
    [`packs/${DEVICE}/1/-3?logSize=2`, 400, 'seq'],
    [`packs/${DEVICE}/1/3?logSize=2&gateway=NO!`, 400, 'gateway'],
  ])('%s → %i', async (path, status, field) => {
    const problem = problemIn(await get(`/api/v1/proofs/${path}`));
    expect(problem.status).toBe(status);
    if (field !== undefined) expect(problem.field).toBe(field);
  });
});

describe('GET /api/v1/proofs/readings', () => {
  const HOUR_MS = 3_600_000;
  const slot = (hour: number, query = 'logSize=2&gateway=gateway', quantity = 'temperature') => {
    const from = START_MS + hour * HOUR_MS;
    return `/api/v1/proofs/readings/${DEVICE}/${quantity}?from=${from}&to=${from + HOUR_MS}&${query}`;
  };

  it('gives a pack with a reading of the slot, provable under the log that was asked for', async () => {
    for (const quantity of ['temperature', 'humidity']) {
      const response = await get(slot(4, undefined, quantity));
      expect(response.headers['content-type']).toBe('application/cbor');
      const batch = decodePackedBatch(new Uint8Array(response.rawPayload));
      expect(batch.packs).toHaveLength(1);
      const pack = decodePack(batch.packs[0]?.pack ?? new Uint8Array());
      expect(packReadings(pack).map((r) => r.time_ms)).toEqual(
        Array.from({ length: 2 }, () => START_MS + 4 * HOUR_MS),
      );
      verify(batch, 2);
    }
  });

  it('finds what the log of that size holds, and nothing else', async () => {
    expect((await get(slot(4, 'logSize=1&gateway=gateway'))).statusCode).toBe(200);
    expect(problemIn(await get(slot(30, 'logSize=1&gateway=gateway'))).status).toBe(404);
    expect((await get(slot(30))).statusCode).toBe(200);
    expect(problemIn(await get(slot(400))).status).toBe(404);
    expect(problemIn(await get(slot(4, undefined, 'mass'))).status).toBe(404);
  });

  it.each([
    ['temperature?from=5&to=5&logSize=2&gateway=gateway', 'to'],
    ['temperature?from=5&to=86400006&logSize=2&gateway=gateway', 'to'],
    ['temperature?from=5&to=9&logSize=3&gateway=gateway', 'logSize'],
    ['temperature?from=5&to=9&logSize=0&gateway=gateway', 'logSize'],
    ['temperature?from=5&to=9&logSize=1&gateway=other', 'logSize'],
    ['temperature?from=5&to=9&logSize=2', 'gateway'],
    ['temperature?from=x&to=9&logSize=2&gateway=gateway', 'from'],
    ['pressure?from=5&to=9&logSize=2&gateway=gateway', 'quantity'],
  ])('refuses %s', async (path, field) => {
    const problem = problemIn(await get(`/api/v1/proofs/readings/${DEVICE}/${path}`));
    expect(problem).toMatchObject({ status: 400, field });
  });
});

describe('GET /api/v1/bundles', () => {
  it('gives a bundle of a unit that verifies, with packs and statement', async () => {
    const response = await get(bundleUrl(unitLink));
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toBe('application/cbor');
    const bytes = new Uint8Array(response.rawPayload);
    const checked = check(bytes);
    expect(checked.packs).toHaveLength(40);
    expect(checked.statements).toHaveLength(1);
    expect(decodeBundle(bytes)).toMatchObject({
      link: { gtin: GTIN, lot: LOT, serial: 'S2' },
      unit: { batch: 'B1', index: 1 },
    });
  });

  it('gives bundles of the lot and of the product, from a path or a whole URI', async () => {
    const lot = await get(
      bundleUrl(`https://id.example.org/01/${GTIN}/10/${encodeURIComponent(LOT)}/`),
    );
    expect(check(new Uint8Array(lot.rawPayload)).packs.length).toBeGreaterThan(0);
    const product = decodeBundle(new Uint8Array((await get(bundleUrl(`/01/${GTIN}`))).rawPayload));
    expect(product.state.map(({ key }) => key)).toEqual([
      'accounts/association',
      `document-list/products/${GTIN}`,
      `products/${GTIN}`,
    ]);
  });

  it('gives bundles that verify under the national algorithms too', async () => {
    const guomi = await openServer({}, {}, 'guomi');
    const { rawPayload } = await guomi.app.inject(bundleUrl(unitLink));
    const { node, clock } = guomi.world;
    const options = { crypto: nodeCrypto };
    const checked = checkBundle(new Uint8Array(rawPayload), node.chainId, clock.now_ms(), options);
    expect(checked.packs).toHaveLength(40);
    await guomi.close();
  });

  it('spares whoever has it already', async () => {
    const first = await get(bundleUrl(unitLink));
    const again = await server.app.inject({
      url: bundleUrl(unitLink),
      headers: { 'if-none-match': String(first.headers.etag) },
    });
    expect(again.statusCode).toBe(304);
  });

  it('shows the state of the newest block as soon as it changed what is shown, else within ten seconds', async () => {
    const height = async () => {
      const { rawPayload } = await get(bundleUrl(unitLink));
      return decodeHeader(decodeBundle(new Uint8Array(rawPayload)).head.header).height;
    };
    const before = await height();
    await newBlock();
    expect(await height()).toBe(before);
    server.world.advance(10_000);
    expect(await height()).toBe(before + 1);
    const root = leafHash(server.world.hash, unitLeaf(GTIN, LOT, 'X'));
    const batch = { gtin: GTIN, lot: LOT, batch: 'NEXT', root, count: 1, net: 1 };
    await server.world.act('grower', 'labels', 'issue', batch);
    expect(await height()).toBe(before + 2);
  });

  it('leaves out statements that a verifier would refuse', async () => {
    const { world } = server;
    const statement = decodeStatement(server.seeded.statement);
    const sign = (id: string, secret = world.gatewayKey(), change: object = {}) =>
      encodeStatement(nodeCrypto, { id, secret }, { ...statement, ...change });
    const other = { suite: 'ed25519', secret: new Uint8Array(32).fill(99) } as const;
    const bad = [
      sign('gateway', other, { revision: 5 }),
      sign('gateway', other, { quantity: 'humidity' }),
      sign('gateway', undefined, { quantity: 'humidity', chainId: new Uint8Array(32) }),
      sign('grower', world.secretOf('grower'), { quantity: 'humidity' }),
      sign('nobody', other),
      sign('gateway', undefined, { device: 'sensor-99' }),
    ];
    server.seeded.moreStatements.push(...bad);
    world.advance(10_000);
    const { rawPayload } = await get(bundleUrl(unitLink));
    server.seeded.moreStatements.length = 0;
    const bytes = new Uint8Array(rawPayload);
    expect(decodeBundle(bytes).statements.map(bytesToHex)).toEqual([
      bytesToHex(server.seeded.statement),
    ]);
    const verdict = verifyBundle(bytes, world.node.chainId, world.clock.now_ms());
    expect(verdict.claims.length).toBeGreaterThan(0);
  });

  it('leaves out a pack that does not follow the one before it, here and in spot checks', async () => {
    const broken = await openWorld();
    await seedLot(broken);
    const seeded = await seedPacks(broken, 40, 30);
    const { app } = await openServerOver(broken, seeded);
    const { rawPayload } = await app.inject(bundleUrl(unitLink));
    const bytes = new Uint8Array(rawPayload);
    const checked = checkBundle(bytes, broken.node.chainId, broken.clock.now_ms());
    expect(checked.packs.map(({ seq }) => seq)).toEqual(
      Array.from({ length: 40 }, (_, seq) => seq).filter((seq) => seq !== 30),
    );
    const status = async (seq: number) =>
      (await app.inject(`/api/v1/proofs/packs/${DEVICE}/1/${seq}?logSize=2`)).statusCode;
    expect([await status(29), await status(30), await status(31)]).toEqual([200, 404, 200]);
    await app.close();
    await broken.close();
  });

  it('shows the first devices of a place where there are too many to show', async () => {
    const device = (n: number) => ({
      id: `crowd-${n}`,
      key: {
        suite: 'ed25519',
        key: nodeCrypto.publicKeyOf({
          suite: 'ed25519',
          secret: new Uint8Array(32)
            .fill(1)
            .fill(n & 255, 0, 1)
            .fill(n >> 8, 1, 2),
        }).bytes,
      },
      holder: 'grower',
      interval_s: 3600,
      quantities: ['temperature'],
      place: WAREHOUSE,
    });
    const other = await openServer();
    const act = other.world.act;
    for (let from = 0; from < 300; from += 100) {
      await Promise.all(
        Array.from({ length: 100 }, (_, i) =>
          act('association', 'devices', 'register', device(from + i)),
        ),
      );
    }
    // A later block, so that all of them have stood there for some time.
    other.world.advance(1_000);
    await act('grower', 'lots', 'harvest', { gtin: GTIN, lot: 'LATER', place: PLOT, amount: 1 });
    const lot = `/01/${GTIN}/10/${encodeURIComponent(LOT)}`;
    const { rawPayload, statusCode } = await other.app.inject(bundleUrl(lot));
    expect(statusCode).toBe(200);
    const bytes = new Uint8Array(rawPayload);
    const checked = checkBundle(bytes, other.world.node.chainId, other.world.clock.now_ms());
    const shown = checked.bundle.state.filter(({ key }) => key.startsWith('devices/'));
    expect(shown).toHaveLength(256);
    expect(checked.packs.length).toBeGreaterThan(0);
    await other.close();
  });

  it.each([
    [`/01/${GTIN}/10/none`, 404, 'bundle/unknown-lot'],
    [`/01/${GTIN}/10/${encodeURIComponent(LOT)}/21/none`, 404, 'bundle/unknown-unit'],
    ['/01/00000000000000', 404, 'bundle/unknown-product'],
    [`/01/${GTIN}/21/S1`, 400, 'http/malformed'],
    ['/01/123', 400, 'gs1/bad-value'],
    ['/414/6901234500028', 400, 'http/malformed'],
    ['nonsense', 400, 'http/malformed'],
    ['/01/%E0%A4%A', 400, 'gs1/bad-percent-encoding'],
    [`/01/${GTIN}/10/${'x'.repeat(600)}`, 400, 'http/malformed'],
  ])('%s → %i', async (link, status, code) => {
    expect(problemIn(await get(bundleUrl(link)))).toMatchObject({ status, code });
  });

  it('says nothing of a store that is down', async () => {
    server.world.advance(10_000);
    server.readings.fail(new Error('connect ECONNREFUSED 10.1.2.3:8123'));
    const response = await get(bundleUrl(unitLink));
    server.readings.fail(undefined);
    expect(problemIn(response)).toMatchObject({ status: 500, code: 'http/internal' });
    expect(response.body).not.toContain('10.1.2.3');
    expect((await get(bundleUrl(unitLink))).statusCode).toBe(200);
  });
});

describe('GET /api/v1/lots/{gtin}/{lot}/readings', () => {
  const url = `/api/v1/lots/${GTIN}/${encodeURIComponent(LOT)}/readings`;

  it('pages through all readings of the stay in time order', async () => {
    const all: { time_ms: number }[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: { readings: { time_ms: number }[]; next: string | null } = (
        await get(`${url}?limit=7${cursor === '' ? '' : `&cursor=${cursor}`}`)
      ).json();
      all.push(...page.readings);
      cursor = page.next;
    }
    expect(all).toHaveLength(80);
    const times = all.map((r) => r.time_ms);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('filters by quantity and time', async () => {
    const { readings } = (await get(`${url}?quantity=humidity`)).json();
    expect(readings).toHaveLength(40);
    const from = readings[3].time_ms;
    const to = readings[6].time_ms;
    const some = (await get(`${url}?quantity=humidity&from=${from}&to=${to}`)).json();
    expect(some.readings).toEqual(readings.slice(3, 6));
  });

  it.each([
    ['?limit=0x10', 'limit'],
    ['?limit=5001', 'limit'],
    ['?from=-1', 'from'],
    ['?from=5&to=4', 'to'],
    ['?to=9999999999999999', 'to'],
    ['?quantity=pressure', 'quantity'],
    ['?cursor=AAAA', 'cursor'],
    ['?cursor=!', 'cursor'],
    ['?unknown=1', 'unknown'],
  ])('refuses %s', async (query, field) => {
    expect(problemIn(await get(`${url}${query}`))).toMatchObject({ status: 400, field });
  });

  it('knows no readings of an unknown lot', async () => {
    expect(problemIn(await get(`/api/v1/lots/${GTIN}/none/readings`)).status).toBe(404);
  });
});
