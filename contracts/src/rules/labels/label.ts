// The record of a label batch and the leaf of a unit in it (docs/formats.md §5).

import { tagged } from '../../crypto/tagged.ts';
import type { Hash } from '../../crypto/types.ts';
import { encodeCbor } from '../../encoding/cbor.ts';
import type { CborObject, CborValue } from '../../encoding/types.ts';
import { AppError } from '../../errors.ts';
import type { Move } from '../lots/lot.ts';
import type { StateReader, StateWrite } from '../types.ts';

export interface LabelBatch {
  readonly gtin: string;
  readonly lot: string;
  readonly batch: string;
  /** 32 bytes: log tree over `unitLeaf` of each serial, in the issuer's order. */
  readonly root: Uint8Array;
  readonly count: number;
  /** Of one unit. */
  readonly net: number;
  /** The leaves carry a commitment to a code under the scratch layer. */
  readonly hidden: boolean;
  /** The first so many in printing order are on packs. */
  readonly activated: number;
  readonly voided: number;
  /** Not there on arrival. */
  readonly missing: number;
  /** Nothing more is activated; what was not, went back to the lot. */
  readonly closed: boolean;
  readonly issuer: string;
  readonly issuedAt: number;
  readonly holder: string;
  /** Where the packs lay after the place of the lot at issue. */
  readonly moves: readonly Move[];
  readonly transit?: string;
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

/** Throws `labels/unknown-batch`. */
export function requireLabelBatch(
  state: StateReader,
  gtin: string,
  lot: string,
  batch: string,
): LabelBatch {
  const found = getLabelBatch(state, gtin, lot, batch);
  if (found === undefined) {
    throw new AppError(
      'labels/unknown-batch',
      'The ledger has no such label batch; issue it first.',
      { gtin, lot, batch },
    );
  }
  return found;
}

export function labelWrite(batch: LabelBatch): StateWrite {
  return {
    key: labelKey(batch.gtin, batch.lot, batch.batch),
    value: batch as unknown as CborObject,
  };
}

/** Units on packs that are neither voided nor missing. */
export function liveUnits(batch: Pick<LabelBatch, 'activated' | 'voided' | 'missing'>): number {
  return batch.activated - batch.voided - batch.missing;
}

/** The bytes of a unit's leaf in its label batch; with a hidden code, its commitment (32 bytes) is part of it. */
export function unitLeaf(
  gtin: string,
  lot: string,
  serial: string,
  commitment?: Uint8Array,
): Uint8Array {
  return encodeCbor(
    commitment === undefined ? [gtin, lot, serial] : [gtin, lot, serial, commitment],
  );
}

/** What a label shows of its hidden code before the layer is scratched: 32 bytes. */
export function hiddenCommitment(
  hash: Hash,
  unit: { readonly gtin: string; readonly lot: string; readonly serial: string },
  code: string,
): Uint8Array {
  return tagged(hash, 'suyuan/hidden/1', encodeCbor([unit.gtin, unit.lot, unit.serial, code]));
}

/** Where the name of the n-th label batch of a lot stands. */
export function labelListKey(gtin: string, lot: string, n: number): string {
  return `label-list/${gtin}/${encodeURIComponent(lot)}/${n}`;
}

export function voidKey(gtin: string, lot: string, batch: string, index: number): string {
  return `voids/${gtin}/${encodeURIComponent(lot)}/${encodeURIComponent(batch)}/${index}`;
}

export function revealKey(gtin: string, lot: string, serial: string): string {
  return `reveals/${gtin}/${encodeURIComponent(lot)}/${encodeURIComponent(serial)}`;
}
