// Clauses about linksets and about choosing among links.

import type { Check } from './checks.ts';
import { contextsOf, defaultsOf, expectThat, LINKSET_TYPE, linksOf, VOC } from './client.ts';

/** Top-level types of the IANA registry of media types, and a subtype of its characters. */
const MEDIA =
  /^(application|audio|example|font|haptics|image|message|model|multipart|text|video)\/[a-z0-9][a-z0-9!#$&^_.+-]*$/;
const LOCATION = 'location';

export const LINK_CHECKS: readonly Check[] = [
  {
    lines: [13],
    name: 'linkType=linkset gives the list of links as RFC 9264 JSON',
    async run(world) {
      for (const path of world.known) {
        const response = await world.fetch(`${path}?linkType=linkset`);
        expectThat(response.status === 200, `${path} gave ${response.status}`);
        const type = response.headers.get('content-type') ?? '';
        expectThat(type.startsWith(LINKSET_TYPE), `${path} is ${type}`);
        expectThat(linksOf(contextsOf(await response.json())).length > 0, `${path} has no link`);
      }
    },
  },
  {
    lines: [13],
    name: 'Accept: application/linkset+json gives the same list, and so does linkType=all',
    async run(world) {
      const { unit } = world;
      const asked = JSON.stringify(await world.linkset(unit).then((c) => c.map((x) => x.anchor)));
      const others = [
        await world.fetch(unit, { headers: { accept: LINKSET_TYPE } }),
        await world.fetch(`${unit}?linkType=all`),
        await world.fetch(unit, { headers: { accept: 'application/json' } }),
      ];
      for (const response of others) {
        const anchors = contextsOf(await response.json()).map(({ anchor }) => anchor);
        expectThat(JSON.stringify(anchors) === asked, `another list: ${anchors}`);
      }
    },
  },
  {
    lines: [14],
    name: 'the linkset of a unit holds the links of its lot and of its product',
    async run(world) {
      const anchors = (await world.linkset(world.unit)).map(
        ({ anchor }) => new URL(anchor).pathname,
      );
      const levels = [world.unit, world.lot, world.product];
      expectThat(anchors.join() === levels.join(), `its anchors are ${anchors}`);
    },
  },
  {
    lines: [15],
    name: 'the subject of each link is the plain URI of the level, however it was asked for',
    async run(world) {
      for (const path of [`${world.unit}/`, `${world.unit}?17=260101`, world.unit]) {
        const joint = path.includes('?') ? '&' : '?';
        const response = await world.fetch(`${path}${joint}linkType=linkset`);
        const [first] = contextsOf(await response.json());
        expectThat(first?.anchor === `${world.origin}${world.unit}`, `${path}: ${first?.anchor}`);
      }
    },
  },
  {
    lines: [16, 53],
    name: 'each link has its target, its link type as a whole URI and a title',
    async run(world) {
      for (const path of world.known) {
        for (const { relation, href, title } of linksOf(await world.linkset(path))) {
          expectThat(relation.startsWith(VOC), `${relation} is no URI of the vocabulary`);
          expectThat(/^https?:\/\//.test(href), `${href} is no URL`);
          expectThat((title ?? '').trim() !== '', `${href} has no title`);
        }
      }
    },
  },
  {
    lines: [16],
    name: 'pages say their human languages',
    async run(world) {
      for (const { href, type, hreflang } of linksOf(await world.linkset(world.unit))) {
        if (type !== 'text/html') continue;
        const good = hreflang?.every((tag) => tag === 'zh' || tag === 'en') ?? false;
        expectThat(good && hreflang?.length !== 0, `${href} says ${hreflang}`);
      }
    },
  },
  {
    lines: [17],
    name: 'media types are those of IANA',
    async run(world) {
      for (const path of world.known) {
        for (const { href, type } of linksOf(await world.linkset(path))) {
          expectThat(type !== undefined && MEDIA.test(type), `${href} is ${type}`);
        }
      }
    },
  },
  {
    lines: [18],
    name: 'the default link also stands under a descriptive type',
    async run(world) {
      for (const path of world.known) {
        const contexts = await world.linkset(path);
        const described = new Set(linksOf(contexts).map(({ href }) => href));
        for (const { href } of defaultsOf(contexts)) {
          expectThat(described.has(href), `${href} is only a default link`);
        }
      }
    },
  },
  {
    lines: [19],
    name: 'a linkset points to a JSON-LD context, served as application/ld+json',
    async run(world) {
      const header = (await world.fetch(`${world.unit}?linkType=all`)).headers.get('link') ?? '';
      const found = /<([^>]+)>; rel="http:\/\/www\.w3\.org\/ns\/json-ld#context"/.exec(header);
      expectThat(found !== null, `the Link header is ${header}`);
      const response = await world.fetch(found?.[1] ?? '');
      expectThat(response.status === 200, `the context gave ${response.status}`);
      const type = response.headers.get('content-type') ?? '';
      expectThat(type.startsWith('application/ld+json'), `the context is ${type}`);
      expectThat('@context' in ((await response.json()) as object), 'it is no JSON-LD context');
    },
  },
  {
    lines: [20, 52],
    name: 'there is exactly one default link, with href and title and nothing else',
    async run(world) {
      for (const path of world.known) {
        const defaults = defaultsOf(await world.linkset(path));
        expectThat(defaults.length === 1, `${path} has ${defaults.length}`);
        const members = Object.keys(defaults[0] ?? {}).sort();
        expectThat(members.join() === 'href,title', `${path} has ${members}`);
      }
    },
  },
  {
    lines: [22],
    name: 'every level has a default link at its own level or above',
    async run(world) {
      for (const path of [world.unit, world.lot, world.product]) {
        const [target] = defaultsOf(await world.linkset(path));
        const at = new URL(target?.href ?? world.origin).pathname;
        expectThat(path.startsWith(at), `${path} leads to ${at}`);
      }
    },
  },
  {
    lines: [21, 54],
    name: 'a request that says no more goes to the default link',
    async run(world) {
      for (const path of world.known) {
        const [target] = defaultsOf(await world.linkset(path));
        const response = await world.fetch(path);
        const own = target?.href === `${world.origin}${path}`;
        // Where the default link is the very address of the request, a redirect would never end.
        const at = own ? path : (response.headers.get(LOCATION) ?? '');
        expectThat(`${world.origin}${at}` === target?.href, `${path} leads to ${at}`);
        expectThat(response.status === (own ? 200 : 307), `${path} gave ${response.status}`);
      }
      return 'units, lots and products are their own default link and answer at once';
    },
  },
  {
    lines: [21, 54],
    name: 'linkType=gs1:defaultLink redirects to the default link',
    async run(world) {
      for (const path of world.known) {
        const [target] = defaultsOf(await world.linkset(path));
        const response = await world.fetch(`${path}?linkType=gs1:defaultLink`);
        const at = response.headers.get(LOCATION) ?? '';
        expectThat(response.status === 307, `${path} gave ${response.status}`);
        expectThat(`${world.origin}${at}` === target?.href, `${path} leads to ${at}`);
      }
    },
  },
  {
    lines: [23, 55],
    name: 'each link type that is listed redirects to one of its links',
    async run(world) {
      for (const path of world.known) {
        const links = linksOf(await world.linkset(path));
        for (const relation of new Set(links.map((link) => link.relation))) {
          for (const type of [relation, relation.replace(VOC, 'gs1:')]) {
            const response = await world.fetch(`${path}?linkType=${encodeURIComponent(type)}`);
            expectThat(response.status === 307, `${type} at ${path} gave ${response.status}`);
            const href = `${world.origin}${response.headers.get(LOCATION)}`;
            const listed = links.some((link) => link.relation === relation && link.href === href);
            expectThat(listed, `${type} at ${path} leads to ${href}, which is not listed`);
          }
        }
      }
    },
  },
  {
    lines: [6, 23],
    name: 'every listed link leads to something that answers',
    async run(world) {
      for (const path of world.known) {
        for (const { href } of linksOf(await world.linkset(path))) {
          const { status } = await world.fetch(href);
          expectThat(status === 200, `${href} gave ${status}`);
        }
      }
    },
  },
  {
    lines: [24],
    name: 'a link type that is not there is 404',
    async run(world) {
      for (const path of world.known) {
        const { status } = await world.fetch(`${path}?linkType=gs1:recipeInfo`);
        expectThat(status === 404, `${path} gave ${status}`);
      }
    },
  },
  {
    lines: [25, 56],
    name: 'the query of the request is passed on',
    async run(world) {
      const response = await world.fetch(`${world.unit}?a=1&linkType=gs1:pip&b=%2F&17=260101`);
      const query = new URL(response.headers.get(LOCATION) ?? '', world.origin).searchParams;
      const passed = [query.get('a'), query.get('b'), query.get('17')].join(' ');
      expectThat(passed === '1 / 260101', `what arrives is ${query}`);
      return 'but for linkType, which would lead in a circle, and to targets marked fwqs: false';
    },
  },
  {
    lines: [26],
    name: 'Accept-Language chooses among the pages of one type',
    async run(world) {
      const at = async (language: string) =>
        (
          await world.fetch(`${world.unit}?linkType=gs1:pip`, {
            headers: { 'accept-language': language },
          })
        ).headers.get(LOCATION);
      const [zh, en] = [await at('zh-CN,en;q=0.5'), await at('en;q=0.9,zh;q=0.2')];
      expectThat(zh !== en, `both lead to ${zh}`);
      const links = linksOf(await world.linkset(world.unit));
      for (const [path, language] of [
        [zh, 'zh'],
        [en, 'en'],
      ]) {
        const link = links.find(({ href }) => href === `${world.origin}${path}`);
        expectThat(link?.hreflang?.join() === language, `${path} is in ${link?.hreflang}`);
      }
    },
  },
  {
    lines: [26],
    name: 'Accept chooses among the media types of one type',
    async run(world) {
      const response = await world.fetch(`${world.unit}?linkType=gs1:traceability`, {
        headers: { accept: 'application/cbor, text/html;q=0.5' },
      });
      const target = await world.fetch(response.headers.get(LOCATION) ?? '');
      const type = target.headers.get('content-type');
      expectThat(type === 'application/cbor', `it is ${type}`);
    },
  },
  {
    lines: [10, 51],
    name: 'redirects carry the link to the linkset and the plain URI as owl:sameAs',
    async run(world) {
      for (const query of ['', '?linkType=gs1:pip', '?linkType=linkset']) {
        const { headers } = await world.fetch(`${world.unit}${query}`);
        const header = headers.get('link') ?? '';
        expectThat(/rel="linkset"/.test(header), `${query}: ${header}`);
        const same = `<${world.origin}${world.unit}>; rel="owl:sameAs"`;
        expectThat(header.includes(same), `${query}: ${header}`);
      }
    },
  },
];
