import {
  AppError,
  type AsyncCryptoProvider,
  bytesToHex,
  decodeHeader,
  hexToBytes,
  leafHash,
  TX_SIZE_BYTES_MAX,
  verifyInclusion,
} from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenServer, openServer, openServerOver, problemIn } from '../testing/open-server.ts';
import { GTIN, openWorld, seedLot, seedPacks } from '../testing/seed.ts';

let server: OpenServer;

beforeAll(async () => {
  server = await openServer();
});
afterAll(() => server.close());

function post(payload: Uint8Array | string, headers: Record<string, string> = {}, query = '') {
  return server.app.inject({
    method: 'POST',
    url: `/api/v1/transactions${query}`,
    headers: { 'content-type': 'application/cose', ...headers },
    payload: typeof payload === 'string' ? payload : Buffer.from(payload),
  });
}

const harvest = (lot: string) => ({ gtin: GTIN, lot, place: '6901234500011', amount: 10 });

describe('POST /api/v1/transactions', () => {
  it('commits and answers with the receipt, the same for the same bytes', async () => {
    const tx = server.world.tx('grower', 'lots', 'harvest', harvest('NEW'));
    const first = await post(tx);
    expect(first.statusCode).toBe(200);
    const receipt = first.json();
    expect(receipt).toMatchObject({ ok: true, code: '', height: server.world.node.height() });
    expect(receipt.txId).toMatch(/^[0-9a-f]{64}$/);
    const again = await post(tx, { 'content-type': 'application/octet-stream' });
    expect(again.json()).toEqual(receipt);
  });

  it('names the rule that refuses at the door', async () => {
    const response = await post(server.world.tx('grower', 'lots', 'harvest', harvest('NEW')));
    expect(problemIn(response)).toMatchObject({ status: 409, code: 'lots/exists' });
  });

  it('names the rule that refuses in the block, and where to read of it', async () => {
    const rivals = [1, 2].map(() => server.world.tx('grower', 'lots', 'harvest', harvest('RIVAL')));
    const responses = await Promise.all(rivals.map((tx) => post(tx)));
    const refused = responses.find((response) => response.statusCode !== 200);
    if (refused === undefined) throw new Error('both rivals were taken');
    expect(problemIn(refused)).toMatchObject({ status: 409, code: 'lots/exists' });
    const found = await server.app.inject(String(refused.headers.location));
    expect(found.json().receipt).toMatchObject({ ok: false, code: 'lots/exists' });
  });

  it('says to come again when too many signatures wait', async () => {
    let isBusy = false;
    const crypto: AsyncCryptoProvider = {
      ...nodeCrypto,
      async verifyAsync(...args) {
        if (isBusy) throw new AppError('crypto/busy', 'Send it again in a moment.');
        return nodeCrypto.verifyAsync(...args);
      },
    };
    const world = await openWorld('international', { crypto });
    await seedLot(world);
    const busy = await openServerOver(world, await seedPacks(world));
    const tx = world.tx('grower', 'lots', 'harvest', harvest('BUSY'));
    const submit = () =>
      busy.app.inject({
        method: 'POST',
        url: '/api/v1/transactions',
        headers: { 'content-type': 'application/cose' },
        payload: Buffer.from(tx),
      });
    isBusy = true;
    const refused = await submit();
    expect(problemIn(refused)).toMatchObject({ status: 503, code: 'crypto/busy' });
    expect(refused.headers['retry-after']).toBe('1');
    isBusy = false;
    expect((await submit()).json()).toMatchObject({ ok: true });
    await busy.close();
  });

  it('refuses who has no account', async () => {
    const response = await post(server.world.tx('stranger', 'lots', 'harvest', harvest('X')));
    expect(problemIn(response)).toMatchObject({ code: 'tx/unknown-signer' });
    expect(response.statusCode).toBeGreaterThanOrEqual(400);
    expect(response.statusCode).toBeLessThan(500);
  });

  it('accepts without waiting when asked to', async () => {
    const tx = server.world.tx('grower', 'lots', 'harvest', harvest('LATER'));
    const response = await post(tx, {}, '?wait=none');
    expect(response.statusCode).toBe(202);
    const { txId } = response.json();
    expect((await post(tx)).json()).toMatchObject({ txId, ok: true });
    expect((await server.app.inject(`/api/v1/transactions/${txId}`)).statusCode).toBe(200);
  });

  it('refuses bytes that are no transaction', async () => {
    expect(problemIn(await post(new Uint8Array([0xff])))).toMatchObject({ status: 400 });
    expect(problemIn(await post('{}'))).toMatchObject({ status: 400 });
    expect(problemIn(await post(''))).toMatchObject({ status: 400, field: 'body' });
  });

  it('refuses a flipped bit anywhere, and never with a 5xx', async () => {
    const tx = server.world.tx('grower', 'lots', 'harvest', harvest('FLIP'));
    for (let at = 0; at < tx.length; at += 7) {
      const broken = tx.slice();
      broken[at] = (broken[at] ?? 0) ^ 1;
      const { status } = problemIn(await post(broken));
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
    }
  });

  it('refuses what is too large, of another type, or asked for wrongly', async () => {
    const large = await post(new Uint8Array(TX_SIZE_BYTES_MAX + 1));
    expect(problemIn(large)).toMatchObject({ status: 413, code: 'http/too-large' });
    for (const type of ['application/json', 'text/html', 'text/plain', '']) {
      const other = await post('hello', { 'content-type': type });
      expect(problemIn(other)).toMatchObject({ status: 415, code: 'http/unsupported-media-type' });
    }
    const wait = await post(new Uint8Array([1]), {}, '?wait=forever');
    expect(problemIn(wait)).toMatchObject({ status: 400, field: 'wait' });
  });
});

describe('GET /api/v1/transactions/{id}', () => {
  it('proves transaction and receipt against the block that holds them', async () => {
    const { node, hash } = server.world;
    const receipt = await server.world.act('grower', 'lots', 'harvest', harvest('PROVEN'));
    const url = `/api/v1/transactions/${bytesToHex(receipt.txId)}`;
    const response = await server.app.inject(url);
    const found = response.json();
    expect(found).toMatchObject({
      signer: 'grower',
      module: 'lots',
      action: 'harvest',
      payload: harvest('PROVEN'),
    });
    const block = node.block(found.height);
    const header = decodeHeader(block?.header ?? new Uint8Array());
    const { index, count: size } = found;
    const proof = (list: string[]) => list.map(hexToBytes);
    verifyInclusion(hash, {
      index,
      size,
      leaf: leafHash(hash, hexToBytes(found.txBytes)),
      proof: proof(found.txProof),
      root: header.txRoot,
    });
    verifyInclusion(hash, {
      index,
      size,
      leaf: leafHash(hash, hexToBytes(found.receiptBytes)),
      proof: proof(found.receiptProof),
      root: header.receiptRoot,
    });
    const etag = String(response.headers.etag);
    const known = await server.app.inject({ url, headers: { 'if-none-match': etag } });
    expect(known.statusCode).toBe(304);
    expect(known.body).toBe('');
  });

  it('knows no other ids', async () => {
    const unknown = await server.app.inject(`/api/v1/transactions/${'0'.repeat(64)}`);
    expect(problemIn(unknown).status).toBe(404);
    const malformed = await server.app.inject('/api/v1/transactions/xyz');
    expect(problemIn(malformed)).toMatchObject({ status: 400, field: 'id' });
  });
});
