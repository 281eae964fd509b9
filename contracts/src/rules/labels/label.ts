// The record of a label batch and the leaf of a unit in it (docs/formats.md §5).

import { encodeCbor } from '../../encoding/cbor.ts';
import type { CborValue } from '../../encoding/types.ts';
import type { StateReader } from '../types.ts';

export interface LabelBatch {
  readonly gtin: string;
  readonly lot: string;
  readonly batch: string;
  /** 32 bytes: log tree over `unitLeaf` of each serial, in the issuer's order. */
  readonly root: Uint8Array;
  readonly count: number;
  /** Of one unit. */
  readonly net: number;
  readonly issuer: string;
  readonly issuedAt: number;
  readonly tx: Uint8Array;
}

export function labelKey(gtin: string, lot: string, batch: string): string {
  return `labels/${gtin}/${encodeURIComponent(lot)}/${encodeURIComponent(batch)}`;
}

/** A value that the rules wrote, as its type: only for values from a certified state. */
export function toLabelBatch(value: CborValue): LabelBatch {
  return value as unknown as LabelBatch;
}

export function getLabelBatch(
  state: StateReader,
  gtin: string,
  lot: string,
  batch: string,
): LabelBatch | undefined {
  const value = state.get(labelKey(gtin, lot, batch));
  return value === undefined ? undefined : toLabelBatch(value);
}

/** The bytes of a unit's leaf in its label batch. */
export function unitLeaf(gtin: string, lot: string, serial: string): Uint8Array {
  return encodeCbor([gtin, lot, serial]);
}
