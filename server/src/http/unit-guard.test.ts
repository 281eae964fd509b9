import { afterEach, describe, expect, it } from 'vitest';
import { type OpenServer, openServer, problemIn } from './testing/open-server.ts';
import { GTIN, LOT } from './testing/seed.ts';
import { clientOf } from './unit-guard.ts';

const lotPath = `/01/${GTIN}/10/${encodeURIComponent(LOT)}`;
let server: OpenServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const open = async (unknownUnitsMax: number, elapsed_ms = () => 0): Promise<OpenServer> => {
  server = await openServer({ elapsed_ms }, { unknownUnitsMax, trustedProxies: ['10.0.0.0/8'] });
  return server;
};

describe('guessing serials', () => {
  it('is cut off by address, for units that exist too, on every way to a unit', async () => {
    let now_ms = 0;
    const { app } = await open(2, () => now_ms);
    const bundle = (path: string) => `/api/v1/bundles?link=${encodeURIComponent(path)}`;
    expect((await app.inject(`${lotPath}/21/S1`)).statusCode).toBe(200);
    expect((await app.inject(`${lotPath}/21/guess1`)).statusCode).toBe(404);
    expect((await app.inject(bundle(`${lotPath}/21/guess2`))).statusCode).toBe(404);
    for (const url of [
      `${lotPath}/21/guess3`,
      `${lotPath}/21/S1`,
      bundle(`${lotPath}/21/guess3`),
      bundle(`${lotPath}/21/S1`),
    ]) {
      const refused = await app.inject(url);
      expect(problemIn(refused)).toMatchObject({ status: 429, code: 'http/too-many-requests' });
      expect(refused.headers['retry-after']).toBe('60');
    }
    // What is no unit, and who is another address, is not touched.
    expect((await app.inject(lotPath)).statusCode).toBe(200);
    const other = await app.inject({ url: `${lotPath}/21/S1`, remoteAddress: '192.0.2.7' });
    expect(other.statusCode).toBe(200);
    now_ms = 60_000;
    expect((await app.inject(`${lotPath}/21/S1`)).statusCode).toBe(200);
  });

  it('costs nothing to who asks for units that exist', async () => {
    const { app } = await open(1);
    for (let i = 0; i < 20; i += 1) {
      expect((await app.inject(`${lotPath}/21/S${1 + (i % 3)}`)).statusCode).toBe(200);
    }
  });

  it.each(['application/json', 'text/html', 'application/linkset+json'])(
    'learns nothing from the answer (%s): every unknown serial gives the same',
    async (accept) => {
      const { app } = await open(1_000);
      const seen = new Set<string>();
      // Near to a real one, far from any, of another lot, long.
      for (const path of [
        `${lotPath}/21/S4`,
        `${lotPath}/21/s1`,
        `${lotPath}/21/${'9'.repeat(20)}`,
        `/01/${GTIN}/10/RAW/21/S1`,
        `/01/${GTIN}/10/none/21/S1`,
        `/01/${GTIN}/21/S1`,
      ]) {
        const response = await app.inject({ url: path, headers: { accept } });
        const { date: _date, 'x-ratelimit-remaining': _rest, ...headers } = response.headers;
        const body = response.body.replace(/urn:uuid:[0-9a-f-]{36}/, '');
        seen.add(JSON.stringify([response.statusCode, headers, body]));
      }
      expect([...seen]).toHaveLength(1);
    },
  );
});

describe('a client', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:0DB8:1:2::', '2001:db8:1:2::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['not an address', 'not an address'],
  ])('%s is %s', (address, client) => expect(clientOf(address)).toBe(client));
});
