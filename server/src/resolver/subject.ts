// What a Digital Link names, and whether the ledger knows it. A link is walked up from the unit over the lot to the product.

import {
  buildDigitalLink,
  CANONICAL_STEM,
  type CborValue,
  deviceKey,
  lotKey,
  placeKey,
  productKey,
} from '@suyuan/contracts';
import type { LedgerNode } from '../http/ports.ts';

/** The keys that this ledger records. */
export type Subject =
  | {
      readonly kind: 'product';
      readonly gtin: string;
      readonly lot?: string;
      readonly serial?: string;
    }
  | { readonly kind: 'place'; readonly gln: string }
  | { readonly kind: 'device'; readonly id: string }
  /** A valid key of another kind: nothing is recorded under it. */
  | { readonly kind: 'other' };

/** One level of a link: its canonical path and how it is called. */
export interface Level {
  readonly kind: 'product' | 'lot' | 'unit' | 'place' | 'device';
  readonly path: string;
  readonly description: string;
}

/**
 * The levels of a known subject, the most granular first; undefined when the ledger does not know the subject itself. An
 * unknown unit of a known lot is unknown: answering with the lot would vouch for a made-up number.
 */
export function levelsOf(node: LedgerNode, subject: Subject): readonly Level[] | undefined {
  switch (subject.kind) {
    case 'place':
      return single(node, placeKey(subject.gln), 'place', pathOf(['414', subject.gln]));
    case 'device':
      return single(node, deviceKey(subject.id), 'device', pathOf(['8004', subject.id]));
    case 'product':
      return productLevels(node, subject);
    case 'other':
      return undefined;
  }
}

/** The canonical path of these elements, percent-encoded as the standard says. */
function pathOf(...elements: readonly (readonly [ai: string, value: string])[]): string {
  const link = buildDigitalLink(elements.map(([ai, value]) => ({ ai, value })));
  return link.slice(CANONICAL_STEM.length);
}

function single(
  node: LedgerNode,
  key: string,
  kind: 'place' | 'device',
  path: string,
): readonly Level[] | undefined {
  const record = node.read(key);
  if (record === undefined) return undefined;
  const description = nameOf(record) ?? `${kind} ${path.split('/').at(-1) ?? ''}`;
  return [{ kind, path, description }];
}

function productLevels(
  node: LedgerNode,
  { gtin, lot, serial }: Extract<Subject, { kind: 'product' }>,
): readonly Level[] | undefined {
  const product = node.read(productKey(gtin));
  if (product === undefined) return undefined;
  const name = nameOf(product) ?? gtin;
  const levels: Level[] = [{ kind: 'product', path: pathOf(['01', gtin]), description: name }];
  if (lot === undefined) return serial === undefined ? levels : undefined;
  if (node.value(lotKey(gtin, lot)) === undefined) return undefined;
  const lotPath = pathOf(['01', gtin], ['10', lot]);
  levels.unshift({ kind: 'lot', path: lotPath, description: `${name}, lot ${lot}` });
  if (serial === undefined) return levels;
  if (node.unitProof(gtin, lot, serial) === undefined) return undefined;
  levels.unshift({
    kind: 'unit',
    path: pathOf(['01', gtin], ['10', lot], ['21', serial]),
    description: `${name}, lot ${lot}, serial ${serial}`,
  });
  return levels;
}

function nameOf(record: CborValue): string | undefined {
  const name = member(record, 'name');
  const [zh, en] = [member(name, 'zh'), member(name, 'en')];
  return typeof zh === 'string' && typeof en === 'string' ? `${zh} ${en}` : undefined;
}

function member(value: CborValue | undefined, key: string): CborValue | undefined {
  if (value === undefined || value === null || typeof value !== 'object') return undefined;
  if (Array.isArray(value) || value instanceof Uint8Array || value instanceof Map) return undefined;
  return (value as { readonly [key: string]: CborValue | undefined })[key];
}
