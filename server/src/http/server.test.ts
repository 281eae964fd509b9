import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { Counter, Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { HttpOptions } from './options.ts';
import type { HttpServerDeps } from './server.ts';
import { type OpenServer, openServer, problemIn } from './testing/open-server.ts';
import { GTIN } from './testing/seed.ts';

let server: OpenServer;
let directory: string;
const lines: string[] = [];
const registry = new Registry();
let gatewayAsked = 0;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'suyuan-web-'));
  const web = join(directory, 'web');
  await mkdir(join(web, 'assets'), { recursive: true });
  await Promise.all([
    ...['index', 'scan', 'status'].map((page) =>
      writeFile(join(web, `${page}.html`), `page:${page}`),
    ),
    writeFile(join(web, 'assets', 'scan-1a2b.js'), 'export {}'),
    writeFile(join(web, '.hidden'), 'secret'),
    writeFile(join(directory, 'outside.txt'), 'secret'),
  ]);
  new Counter({ name: 'other_total', help: 'of another room', registers: [registry] }).inc(7);
  server = await openServer({
    web: { directory: web },
    registries: [registry],
    logger: pino({ level: 'debug' }, { write: (line) => lines.push(line) }),
    statusSources: {
      gateway: () => {
        gatewayAsked += 1;
        return { counters: { received: 3 } };
      },
      sampleLink: (gtin) => `/01/${gtin}/10/A%2F1/21/S1`,
    },
  });
});
afterAll(async () => {
  await server.close();
  await rm(directory, { recursive: true, force: true });
});

const get = (url: string, headers: Record<string, string> = {}) =>
  server.app.inject({ url, headers });

describe('pages', () => {
  it('serves the pages and their assets', async () => {
    expect((await get('/')).body).toBe('page:index');
    expect((await get('/status')).body).toBe('page:status');
    const asset = await get('/assets/scan-1a2b.js');
    expect(asset.headers['content-type']).toContain('javascript');
    expect(asset.headers['cache-control']).toContain('immutable');
    expect((await get('/index.html')).headers['cache-control']).toBe('no-cache');
  });

  it('forbids pages all but their own scripts, workers and connections', async () => {
    const { headers } = await get('/');
    const csp = String(headers['content-security-policy']);
    expect(csp).toContain("default-src 'none'");
    expect(csp).toContain("script-src 'self'");
    expect(csp).toContain("worker-src 'self'");
    expect(csp).toContain("frame-ancestors 'none'");
    expect(csp).not.toMatch(/unsafe|upgrade-insecure/);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['strict-transport-security']).toBeUndefined();
  });

  it.each([
    '/../outside.txt',
    '/..%2foutside.txt',
    '/assets/..%2f..%2foutside.txt',
    '/assets/%2e%2e/%2e%2e/outside.txt',
    '/assets/..%5c..%5coutside.txt',
    '/.hidden',
    '/assets/',
    '//etc/passwd',
    '/%00',
  ])('serves nothing at %s', async (path) => {
    const response = await get(path);
    expect([400, 403, 404]).toContain(response.statusCode);
    expect(response.body).not.toContain('secret');
  });
});

describe('service', () => {
  it('gives the pin', async () => {
    expect((await get('/suyuan-pin.json')).json()).toEqual({
      genesis: Buffer.from(server.world.node.chainId).toString('hex'),
      source: 'configuration',
    });
  });

  it('describes every route of the API in a document and on a page', async () => {
    const { openapi, paths } = (await get('/openapi.json')).json();
    expect(openapi).toBe('3.1.0');
    for (const path of [
      '/transactions',
      '/bundles',
      '/proofs/state',
      '/lots/{gtin}/{lot}/readings',
    ]) {
      expect(Object.keys(paths)).toContain(`/api/v1${path}`);
    }
    const docs = await get('/docs');
    expect(docs.statusCode).toBe(200);
    expect(docs.headers['content-type']).toContain('text/html');
    const script = /src="([^"]*swagger-ui-bundle\.js)"/.exec(docs.body)?.[1] ?? '';
    expect((await get(script)).statusCode).toBe(200);
  });

  it('merges the metrics of all registries, labelled by route and not by path', async () => {
    await get(`/api/v1/products/${GTIN}`);
    const { body } = await get('/metrics');
    expect(body).toContain('other_total 7');
    expect(body).toContain('route="/api/v1/products/:gtin"');
    expect(body).not.toContain(GTIN);
  });

  it('offers the samples that the launcher names', async () => {
    const { products } = (await get('/api/v1/products')).json();
    expect(products[0].sampleLink).toBe(`/01/${GTIN}/10/A%2F1/21/S1`);
    expect((await get(products[0].sampleLink)).statusCode).toBe(200);
  });

  it('answers what is not there with a problem', async () => {
    expect(problemIn(await get('/api/v1/nothing'))).toMatchObject({ status: 404 });
    expect(problemIn(await get('/nothing'))).toMatchObject({ status: 404 });
    expect(problemIn(await get('/api/v1/products/%zz'))).toMatchObject({ status: 400 });
  });

  it.each([
    ['PUT', '/api/v1/status', 'GET, HEAD'],
    ['DELETE', `/api/v1/products/${GTIN}`, 'GET, HEAD'],
    ['GET', '/api/v1/transactions', 'POST'],
    ['POST', `/api/v1/labels/${GTIN}/L/B/serials`, 'PUT'],
    ['POST', '/health', 'GET, HEAD'],
  ] as const)('says of %s %s what the path takes', async (method, url, allow) => {
    const response = await server.app.inject({ method, url, payload: '{' });
    expect(problemIn(response)).toMatchObject({ status: 405, code: 'http/method-not-allowed' });
    expect(response.headers.allow).toBe(allow);
  });

  it('writes down no payload, no path and no address', async () => {
    lines.length = 0;
    await get(`/01/${GTIN}/10/A%2F1/21/S1`);
    await get('/api/v1/bundles?link=/01/x');
    expect(lines.join('')).not.toMatch(/A%2F1|127\.0\.0\.1|06901234567892/);
  });
});

describe('health and status', () => {
  it('is well when every part is', async () => {
    const response = await get('/health');
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual({ ok: true, parts: { ledger: 'ok', store: 'ok' } });
    const status = (await get('/api/v1/status')).json();
    expect(status).toMatchObject({
      chain: { name: 'test', profile: 'international', height: server.world.node.height() },
      gateway: { counters: { received: 3 } },
      health: { ok: true },
    });
  });

  it('asks the gateway once for all who ask at the same time', async () => {
    server.world.advance(1_000);
    const before = gatewayAsked;
    for (let n = 0; n < 5; n += 1) await get('/api/v1/status');
    expect(gatewayAsked).toBe(before + 1);
    await get('/health');
    expect(gatewayAsked).toBe(before + 1);
    server.world.advance(501);
    expect((await get('/api/v1/status')).json().gateway).toEqual({ counters: { received: 3 } });
    expect(gatewayAsked).toBe(before + 2);
  });

  it('names the store that does not answer, without its words', async () => {
    server.world.advance(1_000);
    server.readings.fail(new Error('connect ECONNREFUSED 10.1.2.3:8123'));
    const response = await get('/health');
    server.readings.fail(undefined);
    expect(response.statusCode).toBe(503);
    expect(response.json()).toEqual({
      ok: false,
      parts: { ledger: 'ok', store: 'does not answer' },
    });
    expect(lines.join('')).toContain('ECONNREFUSED');
    server.world.advance(1_000);
    expect((await get('/health')).statusCode).toBe(200);
  });

  it('names the ledger that stands still', async () => {
    server.world.advance(181_000);
    const response = await get('/health');
    expect(response.statusCode).toBe(503);
    expect(response.json().parts.ledger).toMatch(/stands still: the last block is 18\d s old/);
    const lot = { gtin: GTIN, lot: 'AWAKE', place: '6901234500011', amount: 1 };
    await server.world.act('grower', 'lots', 'harvest', lot);
    server.world.advance(1_000);
    expect((await get('/health')).statusCode).toBe(200);
  });
});

describe('limits', () => {
  let other: OpenServer | undefined;
  afterEach(async () => {
    await other?.close();
    other = undefined;
  });
  const open = async (options: Partial<HttpOptions>, deps: Partial<HttpServerDeps> = {}) => {
    other = await openServer(deps, options);
    return other;
  };

  it('turns an address away that asks too often, and no other', async () => {
    const { app } = await open({ rate: { reads: 3, writes: 1, bundles: 1, serials: 1 } });
    const ask = (remoteAddress: string) => app.inject({ url: '/suyuan-pin.json', remoteAddress });
    for (let i = 0; i < 3; i += 1) expect((await ask('192.0.2.1')).statusCode).toBe(200);
    const refused = await ask('192.0.2.1');
    expect(problemIn(refused)).toMatchObject({ status: 429, code: 'http/too-many-requests' });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await ask('192.0.2.2')).statusCode).toBe(200);
  });

  it('believes X-Forwarded-For of trusted proxies only', async () => {
    const rate = { reads: 1, writes: 1, bundles: 1, serials: 1 };
    const ask = (app: OpenServer['app'], client: string) =>
      app.inject({
        url: '/suyuan-pin.json',
        remoteAddress: '10.0.0.1',
        headers: { 'x-forwarded-for': client },
      });
    const plain = await open({ rate });
    expect((await ask(plain.app, '192.0.2.1')).statusCode).toBe(200);
    expect((await ask(plain.app, '192.0.2.2')).statusCode).toBe(429);
    await plain.close();
    const behind = await open({ rate, trustedProxies: ['10.0.0.0/8'] });
    expect((await ask(behind.app, '192.0.2.1')).statusCode).toBe(200);
    expect((await ask(behind.app, '192.0.2.2')).statusCode).toBe(200);
  });

  it('has patience with nobody for ever', async () => {
    const { app } = await open({ connectionsMax: 7 });
    expect(app.server.maxConnections).toBe(7);
    expect(app.server.headersTimeout).toBe(10_000);
    expect(app.server.requestTimeout).toBe(30_000);
    expect(app.server.timeout).toBe(120_000);
  });

  it('answers what is no HTTP, and too long a head, with a problem', async () => {
    const { app } = await open({});
    await app.listen({ host: '127.0.0.1', port: 0 });
    const address = app.server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const send = async (text: string) => {
      const socket = createConnection({ host: '127.0.0.1', port });
      let answer = '';
      socket.on('data', (chunk) => {
        answer += chunk.toString();
      });
      socket.write(text);
      await once(socket, 'close');
      return answer;
    };
    const nonsense = await send('NOT HTTP AT ALL\r\n\r\n');
    expect(nonsense).toMatch(/^HTTP\/1\.1 400 /);
    expect(nonsense).toContain('application/problem+json');
    const long = await send(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`);
    expect(long).toMatch(/^HTTP\/1\.1 431 /);
  });

  it('streams the status to so many and no more, and lets go of them', async () => {
    const { app, world } = await open({ statusClientsMax: 2, statusClientsPerAddressMax: 2 });
    await app.listen({ host: '127.0.0.1', port: 0 });
    const address = app.server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const url = `http://127.0.0.1:${port}/api/v1/status/stream`;
    const follow = async () => {
      const abort = new AbortController();
      const response = await fetch(url, { signal: abort.signal });
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      if (reader === undefined) throw new Error('no body');
      const next = async () => {
        for (let text = ''; ; ) {
          const { value, done } = await reader.read();
          if (done) throw new Error('ended');
          text += value;
          const data = /data: (.*)\n\n/.exec(text)?.[1];
          if (data !== undefined) return JSON.parse(data);
        }
      };
      return { response, next, abort };
    };
    const [first, second] = [await follow(), await follow()];
    expect(first.response.headers.get('content-type')).toContain('text/event-stream');
    expect(first.response.headers.get('x-content-type-options')).toBe('nosniff');
    const before = (await first.next()).chain.height;
    const refused = await fetch(url);
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ code: 'http/busy' });
    const lot = { gtin: GTIN, lot: 'NEW', place: '6901234500011', amount: 1 };
    await world.act('grower', 'lots', 'harvest', lot);
    expect((await first.next()).chain.height).toBeGreaterThan(before);
    second.abort.abort();
    let third = await fetch(url);
    // The server learns of the hang-up a moment after us.
    while (third.status === 503) third = await fetch(url);
    expect(third.status).toBe(200);
    await third.body?.cancel();
    first.abort.abort();
  });
});
