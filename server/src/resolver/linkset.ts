// The linkset of a subject (RFC 9264, with the members that the GS1 resolver standard adds).

import { type Doors, defaultLink, GS1_VOC, type Link, linksOf } from './links.ts';
import type { Level } from './subject.ts';

export const LINKSET_TYPE = 'application/linkset+json';

/** Where the JSON-LD context stands that makes a linkset linked data. */
export const CONTEXT_PATH = '/linkset-context.jsonld';

export const LINKSET_CONTEXT = {
  '@context': {
    '@version': 1.1,
    '@vocab': 'http://www.iana.org/assignments/relation/',
    dcterms: 'http://purl.org/dc/terms/',
    gs1: GS1_VOC,
    linkset: '@graph',
    anchor: '@id',
    href: '@id',
    itemDescription: 'dcterms:description',
    title: 'dcterms:title',
    type: 'dcterms:format',
    hreflang: { '@id': 'dcterms:language', '@container': '@set' },
  },
} as const;

interface TargetObject {
  readonly href: string;
  readonly title: string;
  readonly type?: string;
  readonly hreflang?: readonly string[];
  /** False: the query of a request is not forwarded to the target. */
  readonly fwqs?: false;
}

type LinkContext = { readonly anchor: string; readonly itemDescription: string } & {
  readonly [relation: string]: string | readonly TargetObject[];
};

export interface Linkset {
  readonly linkset: readonly LinkContext[];
}

/**
 * All links from the subject up to its primary key, one context a level, anchored at the uncompressed URI. Exactly one
 * default link in the whole set: that of the most granular level, without optional attributes.
 */
export function linksetOf(origin: string, levels: readonly Level[], doors: Doors): Linkset {
  const fallback = defaultLink(levels, doors);
  return {
    linkset: levels.map((level, i) => {
      const relations: Record<string, TargetObject[]> = {};
      for (const link of linksOf(level, doors)) {
        const relation = `${GS1_VOC}${link.type}`;
        relations[relation] = [...(relations[relation] ?? []), target(origin, link)];
      }
      if (i === 0 && fallback !== undefined) {
        relations[`${GS1_VOC}defaultLink`] = [
          { href: `${origin}${fallback.path}`, title: fallback.title },
        ];
      }
      return { anchor: `${origin}${level.path}`, itemDescription: level.description, ...relations };
    }),
  };
}

function target(origin: string, link: Link): TargetObject {
  return {
    href: `${origin}${link.path}`,
    title: link.title,
    type: link.media,
    ...(link.languages === undefined ? {} : { hreflang: link.languages }),
    ...(link.ownQuery === true ? { fwqs: false } : {}),
  };
}
