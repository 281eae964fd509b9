import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenServer, openServer, problemIn } from '../testing/open-server.ts';
import { GTIN, PLOT } from '../testing/seed.ts';
import { DRY_CALLS_MAX } from './dry-run.ts';

let server: OpenServer;

beforeAll(async () => {
  server = await openServer();
});
afterAll(() => server.close());

function post(body: unknown) {
  return server.app.inject({
    method: 'POST',
    url: '/api/v1/transactions/dry-run',
    headers: { 'content-type': 'application/json' },
    payload: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

const harvest = (lot: string, more = {}) => ({
  module: 'lots',
  action: 'harvest',
  payload: { gtin: GTIN, lot, place: PLOT, amount: 10, ...more },
});
const codes = (response: { json(): { results: { code: string }[] } }) =>
  response.json().results.map(({ code }) => code);

describe('POST /api/v1/transactions/dry-run', () => {
  it('judges each call upon those before it, refused ones left out, and changes nothing', async () => {
    const before = server.world.node.stateRoot();
    const calls = [
      harvest('D1'),
      harvest('D1'),
      harvest('D2', { amount: 1.5 }),
      harvest('D2', { amount: -1 }),
      harvest('D2', { place: '6901234500035' }),
      harvest('D2'),
      { module: 'lots', action: 'steal', payload: {} },
      { module: 'batch', action: 'run', payload: { calls: [harvest('D3')] } },
      { module: 'recalls', action: 'open', payload: {} },
      { module: 'documents', action: 'revoke', payload: { hash: 'no hex', reason: 'x' } },
    ];
    const response = await post({ signer: 'grower', calls });
    expect(response.statusCode).toBe(200);
    expect(codes(response)).toEqual([
      '',
      'lots/exists',
      'rules/bad-payload',
      'rules/bad-payload',
      'places/unknown',
      '',
      'rules/unknown-action',
      'batch/nested',
      'batch/not-here',
      'rules/bad-payload',
    ]);
    expect(response.json().results[3]).toMatchObject({ ok: false, field: '/amount' });
    expect(response.json().height).toBe(server.world.node.height());
    expect(server.world.node.stateRoot()).toEqual(before);
    expect(server.world.node.read(`lots/${GTIN}/D1`)).toBeUndefined();
  });

  it('says what the ledger then says', async () => {
    const { results } = (await post({ signer: 'grower', calls: [harvest('D9')] })).json();
    expect(results).toEqual([{ ok: true, code: '', message: '' }]);
    await server.world.act('grower', 'lots', 'harvest', harvest('D9').payload);
    expect(codes(await post({ signer: 'grower', calls: [harvest('D9')] }))).toEqual([
      'lots/exists',
    ]);
  });

  it('refuses a signer without an account, and whatever is no list of calls', async () => {
    const stranger = await post({ signer: 'stranger', calls: [harvest('D4')] });
    expect(problemIn(stranger)).toMatchObject({ status: 400, code: 'tx/unknown-signer' });
    for (const body of [
      '{',
      '[]',
      { signer: 'grower' },
      { signer: 'grower', calls: [] },
      { signer: 'grower', calls: [{ module: 'lots', action: 'harvest', payload: {}, more: 1 }] },
      { signer: 'A', calls: [harvest('D4')] },
      { signer: 'grower', calls: Array(DRY_CALLS_MAX + 1).fill({}) },
    ]) {
      expect(problemIn(await post(body)).status).toBe(400);
    }
    const large = await post(`{"signer":"${'x'.repeat(9 * 1024 * 1024)}"}`);
    expect(problemIn(large)).toMatchObject({ status: 413 });
  });

  it('lets only a few in at once, and gives their places back', async () => {
    const many = await Promise.all(
      Array.from({ length: 12 }, () =>
        post({ signer: 'grower', calls: Array(400).fill(harvest('D5')) }),
      ),
    );
    const busy = many.filter(({ statusCode }) => statusCode === 503);
    expect(many.length - busy.length).toBeGreaterThan(0);
    expect(busy.length).toBeGreaterThan(0);
    expect(many.length - busy.length).toBeLessThanOrEqual(2);
    for (const response of busy) expect(problemIn(response).code).toBe('http/busy');
    for (let n = 0; n < 6; n++) {
      const later = await post({ signer: 'grower', calls: [harvest('D6')] });
      expect(later.statusCode).toBe(200);
    }
  });
});
