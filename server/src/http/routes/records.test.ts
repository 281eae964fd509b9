import { blockHash, bytesToHex, hexToBytes, leafHash, logRoot, unitLeaf } from '@suyuan/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_HTTP_OPTIONS } from '../options.ts';
import { type OpenServer, openServer, problemIn } from '../testing/open-server.ts';
import { GTIN, LOT, PLOT, WAREHOUSE } from '../testing/seed.ts';

let server: OpenServer;

beforeAll(async () => {
  server = await openServer();
});
afterAll(() => server.close());

describe('GET /api/v1/blocks/{height}', () => {
  it('gives the latest block and any other, with bytes that hash to its id', async () => {
    const latest = (await server.app.inject('/api/v1/blocks/latest')).json();
    expect(latest.height).toBe(server.world.node.height());
    const lot = { gtin: GTIN, lot: 'ONE', place: PLOT, amount: 1 };
    const { height } = await server.world.act('grower', 'lots', 'harvest', lot);
    const first = (await server.app.inject(`/api/v1/blocks/${height}`)).json();
    expect(first.transactions).toMatchObject([{ module: 'lots', signer: 'grower' }]);
    const bytes = hexToBytes(first.headerBytes);
    expect(first.hash).toBe(bytesToHex(blockHash(server.world.hash, bytes)));
  });

  it('has no block beyond the head, nor under a height that is none', async () => {
    expect(problemIn(await server.app.inject('/api/v1/blocks/9999')).status).toBe(404);
    expect(problemIn(await server.app.inject('/api/v1/blocks/0')).status).toBe(404);
    for (const height of ['-1', '1.5', '01', '1e3', '99999999999999999']) {
      const response = await server.app.inject(`/api/v1/blocks/${height}`);
      expect(problemIn(response)).toMatchObject({ status: 400, field: 'height' });
    }
    const unsafe = await server.app.inject('/api/v1/blocks/9999999999999999');
    expect(problemIn(unsafe)).toMatchObject({ status: 400, field: 'height' });
  });
});

describe('records', () => {
  it('gives each record by its key, with an ETag', async () => {
    for (const path of [
      'accounts/grower',
      'devices/sensor-01',
      `places/${WAREHOUSE}`,
      `products/${GTIN}`,
      `lots/${GTIN}/A%2F1`,
      `labels/${GTIN}/A%2F1/B1`,
    ]) {
      const response = await server.app.inject(`/api/v1/${path}`);
      expect(response.statusCode, path).toBe(200);
      expect(response.headers['content-type']).toContain('application/json');
      const etag = String(response.headers.etag);
      const known = await server.app.inject({
        url: `/api/v1/${path}`,
        headers: { 'if-none-match': etag },
      });
      expect(known.statusCode, path).toBe(304);
    }
  });

  it('shows the lots made from a lot, and its label batches', async () => {
    const raw = (await server.app.inject(`/api/v1/lots/${GTIN}/RAW`)).json();
    expect(raw.derived).toEqual([{ gtin: GTIN, lot: 'A/1', amount: 1000 }]);
    const aged = (await server.app.inject(`/api/v1/lots/${GTIN}/A%2F1`)).json();
    expect(aged).toMatchObject({ labels: ['B1'], labelled: 300, left: 700 });
  });

  it('lists products with their sample, and devices page by page', async () => {
    const { products } = (await server.app.inject('/api/v1/products')).json();
    expect(products).toMatchObject([
      { gtin: GTIN, sampleLink: null, name: { en: 'Xinhui chenpi' } },
    ]);
    const page = (await server.app.inject('/api/v1/devices?limit=1')).json();
    expect(page).toMatchObject({ devices: [{ id: 'sensor-01' }], next: 'sensor-01' });
    const rest = (await server.app.inject('/api/v1/devices?limit=1&after=sensor-01')).json();
    expect(rest).toEqual({ devices: [], next: null });
  });

  it.each([
    ['accounts/nobody', 404, undefined],
    ['accounts/NOBODY', 400, 'id'],
    ['devices/none-such', 404, undefined],
    ['devices/a', 400, 'id'],
    ['devices?limit=x', 400, 'limit'],
    ['devices?limit=9999', 400, 'limit'],
    ['places/6901234500035', 404, undefined],
    ['places/69', 400, 'gln'],
    ['products/00000000000000', 404, undefined],
    ['products/1', 400, 'gtin'],
    [`lots/${GTIN}/none`, 404, undefined],
    [`lots/${GTIN}/%E9%99%88`, 400, 'lot'],
    [`labels/${GTIN}/A%2F1/none`, 404, undefined],
    [`labels/${GTIN}/A%2F1/%20`, 400, 'batch'],
    [`lots/${GTIN}/${'x'.repeat(300)}`, 400, undefined],
  ])('%s → %i', async (path, status, field) => {
    const problem = problemIn(await server.app.inject(`/api/v1/${path}`));
    expect(problem.status).toBe(status);
    if (field !== undefined) expect(problem.field).toBe(field);
  });
});

it('takes few serial lists a minute from one address', async () => {
  const put = () =>
    server.app.inject({
      method: 'PUT',
      url: `/api/v1/labels/${GTIN}/none/none/serials`,
      payload: { serials: ['S1'] },
    });
  for (let n = 0; n < DEFAULT_HTTP_OPTIONS.rate.serials; n += 1) {
    expect(problemIn(await put()).status).toBe(404);
  }
  const refused = await put();
  expect(problemIn(refused).status).toBe(429);
  expect(refused.headers['retry-after']).toBeDefined();
});

describe('PUT serials', () => {
  let server: OpenServer;
  beforeAll(async () => {
    server = await openServer({}, { rate: { ...DEFAULT_HTTP_OPTIONS.rate, serials: 100 } });
  });
  afterAll(() => server.close());

  const put = (path: string, body: unknown) =>
    server.app.inject({
      method: 'PUT',
      url: `/api/v1/labels/${path}/serials`,
      headers: { 'content-type': 'application/json' },
      payload: JSON.stringify(body),
    });

  it('takes the list that the batch committed to', async () => {
    const response = await put(`${GTIN}/A%2F1/B1`, { serials: ['S1', 'S2', 'S3'] });
    expect(response.statusCode).toBe(204);
  });

  it('takes no other list', async () => {
    const { act, hash } = server.world;
    const leaves = ['T1', 'T2', 'T3'].map((serial) => leafHash(hash, unitLeaf(GTIN, LOT, serial)));
    const batch = { gtin: GTIN, lot: LOT, batch: 'B2', count: 3, net: 1 };
    await act('grower', 'labels', 'issue', { ...batch, root: logRoot(hash, leaves) });
    const path = `${GTIN}/A%2F1/B2`;
    for (const serials of [
      ['T1', 'T3', 'T2'],
      ['T1', 'T2'],
      ['T1', 'T2', 'T2'],
    ]) {
      const refused = await put(path, { serials });
      expect(problemIn(refused)).toMatchObject({ status: 422, code: 'labels/wrong-serials' });
    }
    for (const body of [{ serials: ['文'] }, { serials: [] }, {}, [], 'T1', null]) {
      expect(problemIn(await put(path, body)).status).toBe(400);
    }
    // Refused by its length alone: the body is not even JSON.
    const long = await server.app.inject({
      method: 'PUT',
      url: `/api/v1/labels/${path}/serials`,
      headers: { 'content-type': 'application/json' },
      payload: '['.repeat(5_000),
    });
    expect(problemIn(long)).toMatchObject({ status: 422, code: 'labels/wrong-serials' });
    const extra = await put(path, { serials: ['T1', 'T2', 'T3'], more: 1 });
    expect(problemIn(extra)).toMatchObject({ status: 400, field: 'more' });
    expect(problemIn(await put(`${GTIN}/A%2F1/B3`, { serials: ['S1'] })).status).toBe(404);
    expect((await put(path, { serials: ['T1', 'T2', 'T3'] })).statusCode).toBe(204);
    const late = await put(path, { serials: ['T1', 'T3', 'T2'] });
    expect(problemIn(late)).toMatchObject({ status: 422, code: 'labels/wrong-serials' });
  });
});
