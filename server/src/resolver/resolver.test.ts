import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenServer, openServer, problemIn } from '../http/testing/open-server.ts';
import { DEVICE, GTIN, LOT, WAREHOUSE } from '../http/testing/seed.ts';

const VOC = 'https://ref.gs1.org/voc/';
const lotPath = `/01/${GTIN}/10/${encodeURIComponent(LOT)}`;
const unitPath = `${lotPath}/21/S1`;
const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

let web: string;
let server: OpenServer;

beforeAll(async () => {
  web = await mkdtemp(join(tmpdir(), 'suyuan-web-'));
  await mkdir(join(web, 'assets'));
  await Promise.all(
    ['index', 'scan', 'status'].map((page) => writeFile(join(web, `${page}.html`), `page:${page}`)),
  );
  server = await openServer({ web: { directory: web } });
});
afterAll(async () => {
  await server.close();
  await rm(web, { recursive: true, force: true });
});

const get = (url: string, headers: Record<string, string> = {}) =>
  server.app.inject({ url, headers: { host: 'id.example.org', ...headers } });

describe('scanning', () => {
  it.each([`/01/${GTIN}`, lotPath, unitPath, `${unitPath}/`, `${unitPath}?17=260101`])(
    'shows the scan page at %s',
    async (path) => {
      const response = await get(path, html);
      expect(response.statusCode).toBe(200);
      expect(response.headers['content-type']).toContain('text/html');
      expect(response.body).toBe('page:scan');
      expect(response.headers.link).toContain('rel="linkset"');
    },
  );

  it.each([
    [`${lotPath}/21/none`, 404],
    [`/01/${GTIN}/10/none`, 404],
    ['/01/00000000000000', 404],
    [`/01/${GTIN}/21/S1`, 404],
    ['/00/106141412345678908', 404],
    ['/417/6901234500011', 404],
    ['/01/06901234567893', 400],
    ['/01/abc', 400],
    [`/01/${GTIN}/21/S1/10/A`, 400],
    [`/01/${GTIN}/10/${'x'.repeat(21)}`, 400],
    [`/01/${GTIN}/10`, 400],
    [`/01/${GTIN}/99/1`, 400],
    [`/01/${GTIN}/10/%E9%99%88`, 400],
    ['/414/6901234500012', 400],
    [`/414/${WAREHOUSE}/254/A`, 404],
    [`/8004/${DEVICE}/7040/1ABC`, 404],
    ['/ARFKk4XB0EvBTmcvyCc', 400],
  ])(
    'answers %s with %i, a page for a browser and a problem for a program',
    async (path, status) => {
      const page = await get(path, html);
      expect(page.statusCode).toBe(status);
      expect(page.body).toBe('page:scan');
      const program = await get(path, { accept: 'application/json' });
      expect(problemIn(program).status).toBe(status);
      const links = await get(`${path}?linkType=all`, html);
      expect(problemIn(links).status).toBe(status);
    },
  );

  it('never answers 200, nor 5xx, nor with what it was sent, to a made-up path', async () => {
    const segment = fc.string({ unit: 'binary', maxLength: 24 }).map(encodeURIComponentSafely);
    await fc.assert(
      fc.asyncProperty(fc.array(segment, { minLength: 1, maxLength: 6 }), async (segments) => {
        const path = `/01/${segments.join('/')}`;
        const response = await get(path, html);
        expect([400, 404]).toContain(response.statusCode);
        expect(response.body).toBe('page:scan');
      }),
      { numRuns: 200 },
    );
  });
});

function encodeURIComponentSafely(text: string): string {
  return encodeURIComponent(Buffer.from(text, 'utf8').toString('utf8'));
}

describe('linkset', () => {
  const linksetOf = async (url: string, headers: Record<string, string> = {}) => {
    const response = await get(url, headers);
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toContain('application/linkset+json');
    return response.json().linkset;
  };

  it('lists all levels up to the primary key, with exactly one default link', async () => {
    for (const linkset of [
      await linksetOf(`${unitPath}?linkType=all`),
      await linksetOf(`${unitPath}?linkType=linkset`),
      await linksetOf(unitPath, { accept: 'application/linkset+json' }),
      await linksetOf(unitPath, { accept: 'application/json' }),
    ]) {
      const anchors = linkset.map((context: { anchor: string }) => context.anchor);
      expect(anchors).toEqual(
        [unitPath, lotPath, `/01/${GTIN}`].map((p) => `http://id.example.org${p}`),
      );
      const defaults = linkset.flatMap(
        (c: Record<string, unknown>) => c[`${VOC}defaultLink`] ?? [],
      );
      expect(defaults).toEqual([
        { href: `http://id.example.org${unitPath}`, title: '溯源页 Provenance page' },
      ]);
    }
  });

  it('gives each link its target, its type and a title, under keys that are whole URIs', async () => {
    for (const url of [`/01/${GTIN}`, lotPath, unitPath, `/414/${WAREHOUSE}`, `/8004/${DEVICE}`]) {
      for (const context of await linksetOf(`${url}?linkType=all`)) {
        const { anchor, itemDescription, ...relations } = context;
        expect(anchor).toMatch(/^https?:\/\//);
        expect(itemDescription).not.toBe('');
        expect(Object.keys(relations)).not.toHaveLength(0);
        for (const [relation, targets] of Object.entries(relations)) {
          expect(relation.startsWith(VOC)).toBe(true);
          for (const target of targets as { href: string; title: string }[]) {
            expect(target.href).toMatch(/^http:\/\/id\.example\.org\//);
            expect(target.title).not.toBe('');
          }
        }
      }
    }
  });

  it('leads only to places that answer', async () => {
    for (const context of await linksetOf(`${unitPath}?linkType=all`)) {
      const { anchor: _anchor, itemDescription: _description, ...relations } = context;
      for (const { href } of Object.values(relations).flat() as { href: string }[]) {
        expect((await get(href.replace('http://id.example.org', ''), html)).statusCode).toBe(200);
      }
    }
  });

  it('takes no host that is not one, and the configured one before any', async () => {
    const bad = await get(`${lotPath}?linkType=all`, { host: 'evil"><script>' });
    expect(problemIn(bad)).toMatchObject({ status: 400, field: 'host' });
    const fixed = await openServer({}, { publicUrl: 'https://trace.example.cn/' });
    const response = await fixed.app.inject({
      url: `${lotPath}?linkType=all`,
      headers: { host: 'x' },
    });
    expect(response.json().linkset[0].anchor).toBe(`https://trace.example.cn${lotPath}`);
    await fixed.close();
  });
});

describe('redirection', () => {
  it('goes to the link of the type asked for, and takes the query along', async () => {
    const response = await get(`${unitPath}?a=b&linkType=gs1:traceability&c=%2F`, html);
    expect(response.statusCode).toBe(307);
    expect(response.headers.location).toBe(`${unitPath}?a=b&c=%2F`);
    expect(response.headers.link).toContain('rel="linkset"');
    expect((await get(String(response.headers.location), html)).statusCode).toBe(200);
  });

  it('prefers the media type that is accepted', async () => {
    const response = await get(`${unitPath}?linkType=${encodeURIComponent(`${VOC}traceability`)}`, {
      accept: 'application/cbor',
    });
    expect(response.statusCode).toBe(307);
    const bundle = await get(String(response.headers.location));
    expect(bundle.headers['content-type']).toBe('application/cbor');
  });

  it.each([
    ['zh-CN,zh;q=0.9,en;q=0.8', '?lang=zh'],
    ['en-GB', '?lang=en'],
    ['de, en;q=0.5, zh;q=0.9', '?lang=zh'],
    ['zh;q=0, en;q=0.1', '?lang=en'],
    ['de', ''],
    ['*', ''],
  ])('chooses the page by the language: %s', async (language, query) => {
    const response = await get(`${unitPath}?linkType=gs1:pip`, {
      ...html,
      'accept-language': language,
    });
    expect(response.headers.location).toBe(`${unitPath}${query}`);
    expect(response.headers.vary).toContain('accept-language');
  });

  it('takes no query along to what reads none but its own', async () => {
    const response = await get(`${unitPath}?17=260101&linkType=gs1:traceability`, {
      accept: 'text/html;q=0.1, application/cbor',
    });
    expect((await get(String(response.headers.location))).statusCode).toBe(200);
  });

  it('goes to the default link when that is asked for by name', async () => {
    const response = await get(`${unitPath}/?linkType=gs1:defaultLink&x=1`, html);
    expect(response.statusCode).toBe(307);
    expect(response.headers.location).toBe(`${unitPath}?x=1`);
  });

  it('walks up to the product for what only the product has', async () => {
    const response = await get(`${unitPath}?linkType=gs1:masterData`);
    expect(response.statusCode).toBe(307);
    expect(response.headers.location).toBe(`/api/v1/products/${GTIN}`);
  });

  it('sends places and devices to their records by default', async () => {
    expect((await get(`/414/${WAREHOUSE}`, html)).headers.location).toBe(
      `/api/v1/places/${WAREHOUSE}`,
    );
    expect((await get(`/8004/${DEVICE}`, html)).headers.location).toBe(`/api/v1/devices/${DEVICE}`);
  });

  it('answers 404 for a type that is not there, and 400 for two', async () => {
    const none = await get(`${unitPath}?linkType=gs1:recipeInfo`, html);
    expect(problemIn(none)).toMatchObject({ status: 404, code: 'resolver/no-such-link' });
    const two = await get(`${unitPath}?linkType=gs1:pip&linkType=all`, html);
    expect(problemIn(two)).toMatchObject({ status: 400, field: 'linkType' });
  });
});

describe('methods and description', () => {
  it('answers HEAD as GET without a body', async () => {
    for (const [path, status] of [
      [unitPath, 200],
      [`${lotPath}/21/none`, 404],
      [`${unitPath}?linkType=gs1:pip`, 307],
    ] as const) {
      const response = await server.app.inject({ method: 'HEAD', url: path, headers: html });
      expect(response.statusCode).toBe(status);
      expect(response.body).toBe('');
    }
  });

  it('answers OPTIONS and lets any origin read', async () => {
    const options = await server.app.inject({ method: 'OPTIONS', url: unitPath });
    expect(options.statusCode).toBe(204);
    expect(options.headers['access-control-allow-origin']).toBe('*');
    const read = await get(unitPath, { origin: 'https://elsewhere.example' });
    expect(read.headers['access-control-allow-origin']).toBe('*');
    expect(read.headers['access-control-expose-headers']).toContain('Link');
  });

  it('describes itself', async () => {
    const description = (await get('/.well-known/gs1resolver')).json();
    expect(description).toMatchObject({
      resolverRoot: 'http://id.example.org',
      supportedPrimaryKeys: ['01', '414', '8004'],
    });
    for (const language of ['zh', 'en']) {
      const types = Object.keys(description.activeLinkTypes[language]);
      expect(types).toContain('gs1:traceability');
      expect(types).toContain('gs1:recallStatus');
      expect(types).not.toContain('gs1:jws');
    }
    const context = await get(new URL(description.jsonLdContext).pathname);
    expect(context.headers['content-type']).toContain('application/ld+json');
    expect(context.json()['@context'].anchor).toBe('@id');
  });
});
