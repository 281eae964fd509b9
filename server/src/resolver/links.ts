// The links that this resolver offers for each level, in the words of the GS1 Web Vocabulary.

import { CANONICAL_STEM } from '@suyuan/contracts';
import type { Level } from './subject.ts';

export const GS1_VOC = 'https://ref.gs1.org/voc/';

/** Link types of gs1: that lead somewhere here. gs1:jws is none of them: nothing here is signed as a JSON Web Signature. */
export const LINK_TYPES = [
  'pip',
  'traceability',
  'recallStatus',
  'certificationInfo',
  'epcis',
  'dpp',
  'masterData',
  'locationInfo',
] as const;

export type LinkType = (typeof LINK_TYPES)[number];

export interface Link {
  readonly type: LinkType;
  /** A path on this server. */
  readonly path: string;
  readonly title: string;
  /** IANA media type of the target. */
  readonly media: string;
  readonly languages?: readonly string[];
  /** The target reads no query but its own: that of the request is not passed on. */
  readonly ownQuery?: true;
}

/** Doors that a server may have or not: no link leads to one that is not there. */
export interface Doors {
  readonly epcis: boolean;
  readonly documents: boolean;
}

/** The links of one level, the most telling first. */
export function linksOf(level: Level, doors: Doors): readonly Link[] {
  const [, ...elements] = level.path.split('/');
  switch (level.kind) {
    case 'product':
      return [
        ...pages(level, 'pip', '商品页', 'Product page'),
        ...documents(doors, `products/${elements[1]}`),
        master(`/api/v1/products/${elements[1]}`),
      ];
    case 'lot':
    case 'unit':
      return [
        ...pages(level, 'pip', '溯源页', 'Provenance page'),
        ...pages(level, 'traceability', '溯源页', 'Provenance page'),
        bundle(level, 'traceability'),
        ...pages(level, 'recallStatus', '溯源页，召回写在最上', 'Provenance page, recalls first'),
        {
          type: 'recallStatus',
          path: '/api/v1/proofs/state?key=open-recalls',
          title: '正在进行的召回及其证明 Open recalls, with proof',
          media: 'application/json',
          ownQuery: true,
        },
        ...documents(doors, `lots/${elements[1]}/${elements[3]}`),
        ...events(doors, level),
        ...pages(level, 'dpp', '溯源页（产品护照）', 'Provenance page, as product passport'),
        bundle(level, 'dpp'),
      ];
    case 'place':
      return [
        {
          type: 'locationInfo',
          path: `/api/v1/places/${elements[1]}`,
          title: '地点登记 Registered place',
          media: 'application/json',
        },
        ...documents(doors, `places/${elements[1]}`),
      ];
    case 'device':
      return [
        master(`/api/v1/devices/${elements[1]}`),
        ...documents(doors, `devices/${elements[1]}`),
      ];
  }
}

/** The page that speaks both languages, and the same page in each. */
function pages(level: Level, type: LinkType, zh: string, en: string): Link[] {
  const of = (query: string, title: string, languages: string[]): Link => ({
    type,
    path: `${level.path}${query}`,
    title,
    media: 'text/html',
    languages,
  });
  return [
    of('', `${zh} ${en}`, ['zh', 'en']),
    of('?lang=zh', zh, ['zh']),
    of('?lang=en', en, ['en']),
  ];
}

function bundle(level: Level, type: LinkType): Link {
  return {
    type,
    path: `/api/v1/bundles?link=${encodeURIComponent(level.path)}`,
    title: '可离线核验的证据包 Proof bundle, verifiable offline',
    media: 'application/cbor',
    ownQuery: true,
  };
}

function documents({ documents: here }: Doors, subject: string): Link[] {
  if (!here) return [];
  return [
    {
      type: 'certificationInfo',
      path: `/api/v1/documents?subject=${encodeURIComponent(subject)}`,
      title: '登记的证书与报告 Registered certificates and reports',
      media: 'application/json',
      ownQuery: true,
    },
  ];
}

function events({ epcis }: Doors, level: Level): Link[] {
  if (!epcis) return [];
  const match = level.kind === 'unit' ? 'MATCH_anyEPC' : 'MATCH_anyEPCClass';
  return [
    {
      type: 'epcis',
      path: `/epcis/events?${match}=${encodeURIComponent(`${CANONICAL_STEM}${level.path}`)}`,
      title: 'EPCIS 2.0 事件 Events in EPCIS 2.0',
      media: 'application/json',
      ownQuery: true,
    },
  ];
}

function master(path: string): Link {
  return {
    type: 'masterData',
    path,
    title: '登记信息 Registered record',
    media: 'application/json',
  };
}

export interface Preference {
  readonly media: readonly string[];
  readonly languages: readonly string[];
}

/** The link of that type nearest to what was asked for; among several, the one that media and languages prefer. */
export function findLink(
  levels: readonly Level[],
  doors: Doors,
  type: string,
  { media, languages }: Preference,
): Link | undefined {
  for (const level of levels) {
    const links = linksOf(level, doors).filter((link) => link.type === type);
    const wanted = media.find((name) => links.some((link) => link.media === name));
    const fitting = links.filter((link) => link.media === (wanted ?? links[0]?.media));
    const language = languages.find((name) => fitting.some((link) => speaks(link, name)));
    const link = fitting.find((one) => language !== undefined && speaks(one, language));
    if (fitting[0] !== undefined) return link ?? fitting[0];
  }
  return undefined;
}

/** That language and no other. */
function speaks({ languages }: Link, name: string): boolean {
  return languages?.length === 1 && languages[0] === name;
}

/** Where a request goes that names no link type. */
export function defaultLink(levels: readonly Level[], doors: Doors): Link | undefined {
  return levels[0] === undefined ? undefined : linksOf(levels[0], doors)[0];
}
