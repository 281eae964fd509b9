import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import pino from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import type { HttpOptions } from '../http/options.ts';
import { type OpenServer, openServer, problemIn } from '../http/testing/open-server.ts';
import { GTIN, LOT } from '../http/testing/seed.ts';
import { openScanStore, type ScanStore } from './store.ts';

const DAY_MS = 86_400_000;
const unit = `/01/${GTIN}/10/${encodeURIComponent(LOT)}/21/S1`;
const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

interface Opened extends OpenServer {
  readonly directory: string;
  readonly store: ScanStore;
  readonly log: string[];
}

async function open(options: Partial<HttpOptions> = {}): Promise<Opened> {
  const directory = await mkdtemp(join(tmpdir(), 'suyuan-scans-'));
  undo.push(() => rm(directory, { recursive: true, force: true }));
  const store = openScanStore(directory);
  undo.push(() => store.close());
  const log: string[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      log.push(String(chunk));
      done();
    },
  });
  const logger = pino({ level: 'trace' }, sink);
  const server = await openServer({ scans: store, logger }, options);
  undo.push(() => server.close());
  return { ...server, directory, store, log };
}

interface Caller {
  readonly area?: string;
  readonly address?: string;
  readonly agent?: string;
  readonly headers?: Record<string, string>;
}

const scan = ({ app }: OpenServer, link: string, caller: Caller = {}) =>
  app.inject({
    method: 'POST',
    url: '/api/v1/scans',
    remoteAddress: caller.address ?? '192.0.2.1',
    headers: { 'user-agent': caller.agent ?? 'phone', ...caller.headers },
    payload: { link, ...(caller.area === undefined ? {} : { area: caller.area }) },
  });

const historyOf = async ({ app }: OpenServer) =>
  (await app.inject(`/api/v1/scans?link=${encodeURIComponent(unit)}`)).json();

describe('scans', () => {
  it('are counted by day and visitor, and told', async () => {
    const server = await open();
    expect(await historyOf(server)).toMatchObject({ scans: 0, visitors: 0, firstDay: null });
    await scan(server, unit);
    await scan(server, `https://id.example.org${unit}`);
    await scan(server, unit, { address: '192.0.2.2' });
    server.world.advance(DAY_MS);
    const last = await scan(server, unit, { area: '三江镇' });
    expect(last.statusCode).toBe(200);
    expect(last.json()).toMatchObject({ scans: 4, visitors: 3, areas: { network: 0, chosen: 1 } });
    expect(await historyOf(server)).toEqual(last.json());
    expect(last.json().days.map((d: { visitors: number }) => d.visitors)).toEqual([2, 1]);
    expect(last.headers['cache-control']).toBe('no-store');
  });

  it('of what was never issued are not counted, and cut off as guesses', async () => {
    const server = await open({ unknownUnitsMax: 2 });
    for (const link of [unit.replace('S1', 'S9'), `/01/${GTIN}/10/RAW/21/S1`]) {
      expect(problemIn(await scan(server, link))).toMatchObject({
        status: 404,
        code: 'resolver/unknown',
      });
    }
    expect(problemIn(await scan(server, unit)).status).toBe(429);
    expect((await scan(server, unit, { address: '192.0.2.9' })).json().scans).toBe(1);
  });

  it('are refused where they are none, or tell more than a township', async () => {
    const server = await open();
    for (const [payload, field] of [
      [{ link: `/01/${GTIN}` }, 'link'],
      [{ link: '/01/x/10/y/21/z' }, '01'],
      [{ link: 'x'.repeat(513) }, 'link'],
      [{ link: unit, area: '22.52,113.03' }, 'area'],
      [{ link: unit, area: 'Street 5' }, 'area'],
      [{ link: unit, area: '<b>' }, 'area'],
      [{ link: unit, area: 'x'.repeat(33) }, 'area'],
      [{ link: unit, position: [22, 113] }, 'position'],
      [{}, 'link'],
    ] as const) {
      const answer = await server.app.inject({ method: 'POST', url: '/api/v1/scans', payload });
      expect(problemIn(answer)).toMatchObject({ status: 400, field });
    }
    expect((await historyOf(server)).scans).toBe(0);
  });

  it('believe the area header of a trusted proxy only', async () => {
    const areaHeader = 'X-Area';
    const server = await open({ areaHeader, trustedProxies: ['10.0.0.1'] });
    const headers = { 'x-area': encodeURIComponent('江门'), 'x-forwarded-for': '198.51.100.3' };
    const forged = await scan(server, unit, { headers });
    expect(forged.json().areas.network).toBe(0);
    const told = await scan(server, unit, { headers, address: '10.0.0.1' });
    expect(told.json().areas.network).toBe(1);
    for (const bad of ['%E6', '1 2', '']) {
      const again = { 'x-area': bad, 'x-forwarded-for': `198.51.100.${10 + bad.length}` };
      const answer = await scan(server, unit, { headers: again, address: '10.0.0.1' });
      expect(answer.json().areas.network).toBe(1);
    }
  });

  it('leave no address, browser or salt on disk or in the log', async () => {
    const server = await open();
    const address = '203.0.113.77';
    await scan(server, unit, { address, agent: 'VeryPeculiarBrowser/7' });
    await scan(server, unit.replace('S1', 'nope'), { address, agent: 'VeryPeculiarBrowser/7' });
    await server.store.close();
    undo.splice(1, 1);
    const files = await readdir(server.directory);
    const bytes = await Promise.all(files.map((f) => readFile(join(server.directory, f))));
    const kept = [...bytes.map((b) => b.toString('latin1')), ...server.log].join('\n');
    expect(kept).toContain(GTIN);
    expect(kept).not.toContain(address);
    expect(kept).not.toContain('VeryPeculiarBrowser');
  });

  it('survive a restart, and the same visitor may count twice on that day', async () => {
    const server = await open();
    await scan(server, unit);
    const key = { gtin: GTIN, lot: LOT, serial: 'S1' };
    expect(server.store.history(key)).toMatchObject({ scans: 1 });
    await server.store.close();
    undo.splice(1, 1);
    const again = openScanStore(server.directory);
    undo.splice(1, 0, () => again.close());
    expect(again.history(key)).toMatchObject({ scans: 1, visitors: 1 });
  });

  it('are swept: tokens with the day, records with their time', async () => {
    const { store } = await open();
    const keys = Array.from({ length: 450 }, (_, i) => ({ gtin: GTIN, lot: LOT, serial: `S${i}` }));
    await Promise.all(
      keys.slice(0, 225).map((key) => store.add(key, { day: 1, token: '0'.repeat(16) })),
    );
    await Promise.all(
      keys.slice(225).map((key) => store.add(key, { day: 2_000, token: '0'.repeat(16) })),
    );
    expect(await store.sweep(2_000)).toBe(225);
    expect(store.history(keys[0]!).scans).toBe(0);
    expect(store.history(keys[300]!).scans).toBe(1);
    expect(await store.sweep(2_001)).toBe(225);
    expect(await store.sweep(2_001)).toBe(0);
    expect(store.history(keys[300]!).scans).toBe(1);
  });
});
