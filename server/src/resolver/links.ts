// The links that this resolver offers for each level, in the words of the GS1 Web Vocabulary.

import type { Level } from './subject.ts';

export const GS1_VOC = 'https://ref.gs1.org/voc/';

/** Link types of gs1: that lead somewhere here. */
export const LINK_TYPES = ['pip', 'traceability', 'masterData', 'locationInfo'] as const;

export type LinkType = (typeof LINK_TYPES)[number];

export interface Link {
  readonly type: LinkType;
  /** A path on this server. */
  readonly path: string;
  readonly title: string;
  /** IANA media type of the target. */
  readonly media: string;
  readonly languages?: readonly string[];
}

const PAGE = { media: 'text/html', languages: ['zh', 'en'] } as const;

/** The links of one level, the most telling first. */
export function linksOf(level: Level): readonly Link[] {
  switch (level.kind) {
    case 'product':
      return [
        { type: 'pip', path: level.path, title: '商品页 Product page', ...PAGE },
        master(`/api/v1/products/${level.path.slice('/01/'.length)}`),
      ];
    case 'lot':
    case 'unit':
      return [
        { type: 'pip', path: level.path, title: '溯源页 Provenance page', ...PAGE },
        { type: 'traceability', path: level.path, title: '溯源页 Provenance page', ...PAGE },
        {
          type: 'traceability',
          path: `/api/v1/bundles?link=${encodeURIComponent(level.path)}`,
          title: '可离线核验的证据包 Proof bundle, verifiable offline',
          media: 'application/cbor',
        },
      ];
    case 'place':
      return [
        {
          type: 'locationInfo',
          path: `/api/v1/places/${level.path.slice('/414/'.length)}`,
          title: '地点登记 Registered place',
          media: 'application/json',
        },
      ];
    case 'device':
      return [master(`/api/v1/devices/${level.path.slice('/8004/'.length)}`)];
  }
}

function master(path: string): Link {
  return {
    type: 'masterData',
    path,
    title: '登记信息 Registered record',
    media: 'application/json',
  };
}

/** The link of that type nearest to what was asked for; among several, the first that `accepts` takes. */
export function findLink(
  levels: readonly Level[],
  type: string,
  accepts: (media: string) => boolean,
): Link | undefined {
  for (const level of levels) {
    const links = linksOf(level).filter((link) => link.type === type);
    const link = links.find(({ media }) => accepts(media)) ?? links[0];
    if (link !== undefined) return link;
  }
  return undefined;
}

/** Where a request goes that names no link type. */
export function defaultLink(levels: readonly Level[]): Link | undefined {
  return levels[0] === undefined ? undefined : linksOf(levels[0])[0];
}
