// Clauses about methods, errors, origins and the description file.

import type { Check } from './checks.ts';
import { expectThat, linksOf, openResolver } from './client.ts';

const MALFORMED = [
  '/01/06901234567893',
  '/01/abc',
  '/01/06901234567892/21/S1/10/A',
  '/01/06901234567892/10',
  '/01/06901234567892/99/1',
  '/01/06901234567892/10/%E9%99%88',
  '/01/06901234567892/10/%ZZ',
  '/414/6901234500012',
  '/00/106141412345678909',
  '/8004/',
];

const UNKNOWN = [
  '/01/09506000134352',
  '/01/06901234567892/10/none',
  '/00/106141412345678908',
  '/417/6901234500011',
  '/414/9506000134352',
];

export const MESSAGE_CHECKS: readonly Check[] = [
  {
    lines: [1],
    name: 'all qualifiers of a key are read: 22, 10, 21 of 01, 254 of 414, 7040 of 8004 and 417',
    async run(world) {
      const { status } = await world.fetch(`${world.product}/22/V1${world.unit.slice(17)}`);
      expectThat(status === 200, `a consumer product variant gave ${status}`);
      const [place, device] = world.known.slice(3);
      for (const path of [
        `${world.product}/235/TP1`,
        `${place}/254/A1`,
        `${device}/7040/1ABC`,
        '/417/6901234500011/7040/1ABC',
      ]) {
        const known = await world.fetch(path);
        expectThat(known.status === 404, `${path} is well formed and gave ${known.status}`);
      }
    },
  },
  {
    lines: [2],
    name: 'GET and HEAD answer alike, HEAD without a body',
    async run(world) {
      for (const path of [world.unit, `${world.unit}?linkType=gs1:pip`, ...UNKNOWN, ...MALFORMED]) {
        const get = await world.fetch(path);
        const head = await world.fetch(path, { method: 'HEAD' });
        expectThat(get.status === head.status, `${path}: ${get.status} and ${head.status}`);
        const same = get.headers.get('location') === head.headers.get('location');
        expectThat(same, `${path}: HEAD leads elsewhere`);
        expectThat((await head.text()) === '', `${path}: HEAD has a body`);
      }
    },
  },
  {
    lines: [2],
    name: 'OPTIONS says which methods there are',
    async run(world) {
      const response = await world.fetch(world.unit, {
        method: 'OPTIONS',
        headers: { origin: 'https://elsewhere.example', 'access-control-request-method': 'GET' },
      });
      expectThat(response.ok, `OPTIONS gave ${response.status}`);
      const methods = response.headers.get('access-control-allow-methods') ?? '';
      for (const method of ['GET', 'HEAD', 'OPTIONS']) {
        expectThat(methods.includes(method), `${method} is not among ${methods}`);
      }
    },
  },
  {
    lines: [3],
    name: 'behind TLS every link is https, and browsers are told to stay there',
    async run() {
      const behind = await openResolver({ tls: true, publicUrl: 'https://trace.example.cn' });
      try {
        for (const { href } of linksOf(await behind.linkset(behind.unit))) {
          expectThat(href.startsWith('https://trace.example.cn/'), `${href} is not`);
        }
        const { headers } = await behind.fetch(behind.unit);
        expectThat(headers.has('strict-transport-security'), 'there is no HSTS header');
      } finally {
        await behind.close();
      }
      return 'TLS itself ends at the proxy before the server';
    },
  },
  {
    lines: [4],
    name: 'any origin may read, the Link header too',
    async run(world) {
      for (const path of [world.unit, `${world.unit}?linkType=linkset`, ...UNKNOWN]) {
        const { headers } = await world.fetch(path, { headers: { origin: 'https://a.example' } });
        const allowed = headers.get('access-control-allow-origin');
        expectThat(allowed === '*', `${path}: ${allowed}`);
        const exposed = headers.get('access-control-expose-headers') ?? '';
        expectThat(exposed.includes('Link'), `${path} exposes ${exposed}`);
      }
    },
  },
  {
    lines: [5],
    name: 'a malformed URI is 400',
    async run(world) {
      for (const path of MALFORMED) {
        const { status } = await world.fetch(path);
        expectThat(status === 400, `${path} gave ${status}`);
      }
    },
  },
  {
    lines: [6],
    name: 'what is not known is 404, never 200, for a browser too',
    async run(world) {
      const unknown = [...UNKNOWN, `${world.lot}/21/none`];
      for (const path of unknown) {
        for (const accept of ['text/html', 'application/linkset+json', '*/*']) {
          const { status } = await world.fetch(path, { headers: { accept } });
          expectThat(status === 404, `${path} gave ${status} to ${accept}`);
        }
      }
    },
  },
  {
    lines: [6],
    name: 'a unit that is not known cannot be told from another by its answer',
    async run(world) {
      const shape = async (path: string) => {
        const response = await world.fetch(path, { headers: { accept: 'application/json' } });
        const { instance: _instance, ...problem } = (await response.json()) as object & {
          instance?: string;
        };
        const names = [...response.headers.keys()].sort();
        return JSON.stringify([response.status, problem, names]);
      };
      const shapes = new Set<string>();
      for (const serial of ['none', 'S9', 'S1x', '0'.repeat(20)]) {
        shapes.add(await shape(`${world.lot}/21/${serial}`));
      }
      expectThat(shapes.size === 1, `answers differ: ${[...shapes].join(' and ')}`);
    },
  },
  {
    lines: [32, 60],
    name: 'a trailing slash is tolerated',
    async run(world) {
      for (const path of world.known) {
        const [with_, without] = [await world.fetch(`${path}/`), await world.fetch(path)];
        expectThat(with_.status === without.status, `${path}/ gave ${with_.status}`);
        const linkset = await world.fetch(`${path}/?linkType=linkset`);
        expectThat(linkset.status === 200, `the linkset of ${path}/ gave ${linkset.status}`);
      }
    },
  },
  {
    lines: [28, 57],
    name: 'there is a description file at /.well-known/gs1resolver',
    async run(world) {
      const response = await world.fetch('/.well-known/gs1resolver');
      expectThat(response.status === 200, `it gave ${response.status}`);
      const type = response.headers.get('content-type') ?? '';
      expectThat(type.startsWith('application/json'), `it is ${type}`);
      const { resolverRoot } = (await response.json()) as { resolverRoot?: string };
      expectThat(resolverRoot === world.origin, `its root is ${resolverRoot}`);
    },
  },
  {
    lines: [29],
    name: 'the description lists the primary keys, and those it lists are resolved',
    async run(world) {
      const { supportedPrimaryKeys: keys } = await description(world);
      expectThat(Array.isArray(keys), 'there is no list');
      const resolved = new Set(world.known.map((path) => path.split('/')[1]));
      expectThat([...(keys as string[])].sort().join() === [...resolved].sort().join(), `${keys}`);
    },
  },
  {
    lines: [30],
    name: 'the description names the JSON-LD context',
    async run(world) {
      const { jsonLdContext } = await description(world);
      const response = await world.fetch(String(jsonLdContext));
      expectThat(response.status === 200, `${String(jsonLdContext)} gave ${response.status}`);
    },
  },
  {
    lines: [58],
    name: 'the GS1 vocabulary is named, and every type in use is described in both languages',
    async run(world) {
      const { supportedLinkType, activeLinkTypes } = await description(world);
      const text = JSON.stringify(supportedLinkType);
      expectThat(text.includes('https://ref.gs1.org/voc/'), `it names ${text}`);
      const described = activeLinkTypes as Record<string, Record<string, unknown>>;
      for (const path of world.known) {
        for (const { relation } of linksOf(await world.linkset(path))) {
          const name = relation.replace('https://ref.gs1.org/voc/', 'gs1:');
          for (const language of ['zh', 'en']) {
            expectThat(name in (described[language] ?? {}), `${name} is not told in ${language}`);
          }
        }
      }
    },
  },
];

async function description(world: Parameters<Check['run']>[0]): Promise<Record<string, unknown>> {
  return (await (await world.fetch('/.well-known/gs1resolver')).json()) as Record<string, unknown>;
}
