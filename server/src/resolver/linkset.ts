// The linkset of a subject (RFC 9264, with the members that the GS1 resolver standard adds).

import { defaultLink, GS1_VOC, type Link, linksOf } from './links.ts';
import type { Level } from './subject.ts';

export const LINKSET_TYPE = 'application/linkset+json';

interface TargetObject {
  readonly href: string;
  readonly title: string;
  readonly type?: string;
  readonly hreflang?: readonly string[];
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
export function linksetOf(origin: string, levels: readonly Level[]): Linkset {
  const fallback = defaultLink(levels);
  return {
    linkset: levels.map((level, i) => {
      const relations: Record<string, TargetObject[]> = {};
      for (const link of linksOf(level)) {
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
  };
}
