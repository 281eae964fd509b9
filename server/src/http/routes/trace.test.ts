import { verifyTrace } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenServer, openServer, problemIn } from '../testing/open-server.ts';
import { DEVICE, GTIN, LOT, PLOT, SERIALS, START_MS, WAREHOUSE } from '../testing/seed.ts';

let server: OpenServer;
beforeAll(async () => {
  server = await openServer();
});
afterAll(async () => {
  await server.close();
});

const raw = `/api/v1/trace/lots/${GTIN}/RAW`;
const aged = `/api/v1/trace/lots/${GTIN}/${encodeURIComponent(LOT)}`;
const get = (url: string) => server.app.inject({ url });

interface Line {
  readonly head?: { readonly height: number; readonly direction: string };
  readonly end?: { readonly lots: number; readonly truncated: boolean };
  readonly relation?: string;
  readonly drawn?: number | null;
  readonly lot?: { readonly lot: string; readonly made: number };
}

async function linesOf(url: string): Promise<Line[]> {
  const response = await get(url);
  expect(response.statusCode, response.body.slice(0, 200)).toBe(200);
  expect(response.headers['content-type']).toContain('application/x-ndjson');
  return response.body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

const told = (lines: readonly Line[]) =>
  lines.flatMap(({ lot, relation, drawn }) =>
    lot === undefined ? [] : [[lot.lot, relation, drawn]],
  );

describe('a trace', () => {
  it('goes down with quantities, between a head and an end', async () => {
    const lines = await linesOf(raw);
    expect(lines.at(0)?.head).toMatchObject({
      height: server.world.node.height(),
      direction: 'down',
    });
    expect(told(lines)).toEqual([
      ['RAW', 'seed', 0],
      [LOT, 'descendant', 5_000],
    ]);
    expect(lines.at(-1)).toEqual({ end: { lots: 2, truncated: false } });
  });

  it('goes up, and both ways with each lot once', async () => {
    expect(told(await linesOf(`${aged}?direction=up`))).toEqual([
      [LOT, 'seed', null],
      ['RAW', 'ancestor', null],
    ]);
    expect(told(await linesOf(`${raw}?direction=both`))).toEqual([
      ['RAW', 'seed', null],
      [LOT, 'descendant', 5_000],
    ]);
  });

  it('says when it gives fewer lots than there are', async () => {
    const lines = await linesOf(`${raw}?limit=1`);
    expect(told(lines).length).toBe(1);
    expect(lines.at(-1)).toEqual({ end: { lots: 1, truncated: true } });
  });

  it('begins with a unit, a place, a device, an organisation', async () => {
    const lot = encodeURIComponent(LOT);
    const from = async (path: string) =>
      told(await linesOf(`/api/v1/trace/${path}`)).map(([l]) => l);
    expect(await from(`units/${GTIN}/${lot}/${SERIALS[0]}`)).toEqual([LOT]);
    expect(await from(`places/${PLOT}`)).toEqual(['RAW', LOT]);
    expect(await from(`places/${WAREHOUSE}`)).toEqual([LOT]);
    expect(await from(`devices/${DEVICE}`)).toEqual([LOT]);
    expect(await from('accounts/grower')).toEqual(['RAW', LOT]);
    expect(await from('accounts/carrier')).toEqual([]);
  });

  it('asks about a time at a place', async () => {
    const during = async (query: string) =>
      told(await linesOf(`/api/v1/trace/places/${WAREHOUSE}?${query}`)).map(([l]) => l);
    expect(await during(`to=${START_MS - 1}`)).toEqual([]);
    expect(await during(`from=${START_MS}`)).toEqual([LOT]);
  });

  it.each([
    ['a lot', `lots/${GTIN}/NONE`],
    ['the proof of a lot', `lots/${GTIN}/NONE/proof`],
    ['a unit', `units/${GTIN}/${encodeURIComponent(LOT)}/NONE`],
    ['a document', `documents/${'0'.repeat(64)}`],
    ['a place', 'places/6901234500998'],
    ['a device', 'devices/none-01'],
    ['an organisation', 'accounts/nobody'],
  ])('is not found for %s that the ledger does not know', async (_what, path) => {
    expect(problemIn(await get(`/api/v1/trace/${path}`)).status).toBe(404);
  });

  it('stops telling of units to who guesses them', async () => {
    const guarded = await openServer({}, { unknownUnitsMax: 2 });
    try {
      const unit = (serial: string) =>
        guarded.app.inject(`/api/v1/trace/units/${GTIN}/${encodeURIComponent(LOT)}/${serial}`);
      for (const serial of ['NONE', 'NEVER']) {
        expect(problemIn(await unit(serial)).status).toBe(404);
      }
      expect(problemIn(await unit(SERIALS[0] ?? '')).status).toBe(429);
    } finally {
      await guarded.close();
    }
  });

  it.each([
    `${raw}?direction=sideways`,
    `${raw}?limit=-1`,
    `${raw}?limit=1000001`,
    `${raw}?from=1`,
    `/api/v1/trace/places/${PLOT}?from=5&to=5`,
    `/api/v1/trace/places/123`,
    `/api/v1/trace/documents/xyz`,
  ])('refuses %s', async (url) => {
    expect(problemIn(await get(url)).status).toBe(400);
  });

  it('gives its moment back: more traces than run at once, one after another', async () => {
    for (let i = 0; i < 20; i++) expect((await get(`${raw}?limit=1`)).statusCode).toBe(200);
    for (let i = 0; i < 20; i++) {
      expect((await get(`/api/v1/trace/lots/${GTIN}/NONE`)).statusCode).toBe(404);
    }
  });
});

describe('a proven trace', () => {
  it.each(['down', 'up', 'both'] as const)(
    '%s verifies against the pinned genesis',
    async (direction) => {
      const response = await get(`${aged}/proof?direction=${direction}`);
      expect(response.statusCode).toBe(200);
      const question = { direction, seeds: [{ gtin: GTIN, lot: LOT }] };
      const bytes = new Uint8Array(response.rawPayload);
      const trace = verifyTrace(bytes, question, server.world.node.chainId, nodeCrypto);
      expect(trace.height).toBe(server.world.node.height());
      expect(trace.proven.map(({ lot }) => lot.lot)).toEqual(
        direction === 'down' ? [LOT] : direction === 'up' ? [LOT, 'RAW'] : [LOT, 'RAW', LOT],
      );
    },
  );
});
