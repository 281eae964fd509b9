// The resolver description file, /.well-known/gs1resolver.

import { GS1_VOC, LINK_TYPES } from './links.ts';

/** The keys under which this resolver holds links. */
export const SUPPORTED_KEYS = ['01', '414', '8004'] as const;

const TITLES: Record<(typeof LINK_TYPES)[number] | 'defaultLink', readonly [string, string]> = {
  defaultLink: ['Default link', 'Where a scan leads when nothing else is asked for.'],
  pip: [
    'Product information page',
    'The page that a buyer sees, which checks the proofs on the phone.',
  ],
  traceability: [
    'Traceability information',
    'The provenance page, or as application/cbor its proofs.',
  ],
  masterData: ['Master data', 'The record of the product or device on the ledger.'],
  locationInfo: ['Location information', 'The record of the place on the ledger.'],
};

export function resolverDescription(origin: string): object {
  return {
    name: 'Suyuan resolver',
    resolverRoot: origin,
    supportedLinkType: [{ namespace: GS1_VOC, prefix: 'gs1:' }],
    supportedPrimaryKeys: SUPPORTED_KEYS,
    linkTypeDefaultCanBeAll: true,
    supportsLanguageVariants: true,
    supportsSemanticInterpretation: false,
    validatesAIcombinations: true,
    activeLinkTypes: {
      en: Object.fromEntries(
        (['defaultLink', ...LINK_TYPES] as const).map((type) => {
          const [title, description] = TITLES[type];
          return [`gs1:${type}`, { title, description, url: `${GS1_VOC}${type}` }];
        }),
      ),
    },
  };
}
