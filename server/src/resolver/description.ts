// The resolver description file, /.well-known/gs1resolver.

import { type Doors, GS1_VOC, LINK_TYPES, type LinkType } from './links.ts';
import { CONTEXT_PATH } from './linkset.ts';

/** The keys under which this resolver holds links: 417 and 00 are read, and nothing is recorded under them yet. */
export const SUPPORTED_KEYS = ['01', '414', '8004'] as const;

type Words = readonly [zh: string, en: string];

const TITLES: Record<LinkType | 'defaultLink', readonly [title: Words, description: Words]> = {
  defaultLink: [
    ['默认链接', 'Default link'],
    ['未指定链接类型时的去向。', 'Where a scan leads when nothing else is asked for.'],
  ],
  pip: [
    ['商品信息页', 'Product information page'],
    [
      '买家所见的页面，在手机上核验证据。',
      'The page that a buyer sees, which checks the proofs on the phone.',
    ],
  ],
  traceability: [
    ['溯源信息', 'Traceability information'],
    [
      '溯源页；以 application/cbor 取则为证据包。',
      'The provenance page, or as application/cbor its proofs.',
    ],
  ],
  recallStatus: [
    ['召回状态', 'Recall status'],
    [
      '溯源页，召回写在最上；以 application/json 取则为召回清单及其证明。',
      'The provenance page, recalls first, or as application/json the open recalls with proof.',
    ],
  ],
  certificationInfo: [
    ['证书信息', 'Certification information'],
    ['账本上登记的证书与报告。', 'The certificates and reports that the ledger records.'],
  ],
  epcis: [
    ['EPCIS 事件库', 'EPCIS repository'],
    ['关于它的 EPCIS 2.0 事件。', 'Events about it in EPCIS 2.0.'],
  ],
  dpp: [
    ['产品护照', 'Digital product passport'],
    [
      '溯源页；未在任何法定护照登记处登记。',
      'The provenance page; it is in no statutory registry of passports.',
    ],
  ],
  masterData: [
    ['主数据', 'Master data'],
    ['商品或设备在账本上的登记。', 'The record of the product or device on the ledger.'],
  ],
  locationInfo: [
    ['地点信息', 'Location information'],
    ['地点在账本上的登记。', 'The record of the place on the ledger.'],
  ],
};

export function resolverDescription(origin: string, doors: Doors): object {
  const types = LINK_TYPES.filter((type) => isOffered(type, doors));
  const inLanguage = (language: 0 | 1) =>
    Object.fromEntries(
      (['defaultLink', ...types] as const).map((type) => {
        const [title, description] = TITLES[type];
        const entry = { title: title[language], description: description[language] };
        return [`gs1:${type}`, { ...entry, url: `${GS1_VOC}${type}` }];
      }),
    );
  return {
    name: 'Suyuan resolver',
    resolverRoot: origin,
    supportedLinkType: [{ namespace: GS1_VOC, prefix: 'gs1:' }],
    supportedPrimaryKeys: SUPPORTED_KEYS,
    // The first name is of version 1.0 of the standard, the second of 1.2.
    linkTypeDefaultCanBeAll: true,
    linkTypeDefaultCanBeLinkset: true,
    supportsLanguageVariants: true,
    supportsSemanticInterpretation: false,
    validatesAIcombinations: true,
    jsonLdContext: `${origin}${CONTEXT_PATH}`,
    activeLinkTypes: { zh: inLanguage(0), en: inLanguage(1) },
  };
}

function isOffered(type: LinkType, doors: Doors): boolean {
  if (type === 'epcis') return doors.epcis;
  return type !== 'certificationInfo' || doors.documents;
}
