// The anchor log of a gateway and its leaves (docs/formats.md §5).

import { decodeCbor, encodeCbor } from '../../encoding/cbor.ts';
import { asArray, asBytes, asUint } from '../../encoding/read.ts';
import type { CborValue } from '../../encoding/types.ts';
import { AppError } from '../../errors.ts';
import type { StateReader } from '../types.ts';

/** The log of one gateway, as it stands in the state. */
export interface AnchorLog {
  readonly v: 1;
  /** Batches anchored; the next batch has this number. */
  readonly size: number;
  readonly root: Uint8Array;
  readonly frontier: readonly Uint8Array[];
  /** Of the block with the last anchor. */
  readonly time: number;
}

/** One leaf of the log. */
export interface Anchor {
  readonly batch: number;
  /** Log tree over the batch's packs. */
  readonly root: Uint8Array;
  readonly count: number;
  /** The gateway's receiving times. */
  readonly from_ms: number;
  readonly to_ms: number;
  /** Reserved: root of a map stream → checkpoint, null in version 1. */
  readonly map: Uint8Array | null;
  readonly height: number;
  /** Of the block: the pack existed no later. */
  readonly time_ms: number;
}

export const ANCHOR_VERSION = 1;
/** Packs of one batch. */
export const BATCH_PACKS_MAX = 1_000_000;

export function anchorLogKey(gateway: string): string {
  return `anchors/${gateway}`;
}

/** A value that the rules wrote, as its type: only for values from a certified state. */
export function toAnchorLog(value: CborValue): AnchorLog {
  return value as unknown as AnchorLog;
}

export function getAnchorLog(state: StateReader, gateway: string): AnchorLog | undefined {
  const value = state.get(anchorLogKey(gateway));
  return value === undefined ? undefined : toAnchorLog(value);
}

export function encodeAnchor(a: Anchor): Uint8Array {
  return encodeCbor([
    ANCHOR_VERSION,
    a.batch,
    a.root,
    a.count,
    a.from_ms,
    a.to_ms,
    a.map,
    a.height,
    a.time_ms,
  ]);
}

/** Throws `anchors/malformed`, `cbor/*` or `format/*`. */
export function decodeAnchor(bytes: Uint8Array): Anchor {
  const items = asArray(decodeCbor(bytes), 'anchor', 9);
  if (items.length !== 9 || items[0] !== ANCHOR_VERSION || items[6] !== null) {
    throw new AppError(
      'anchors/malformed',
      'The anchor is not of version 1; use a newer verifier.',
    );
  }
  return {
    batch: asUint(items[1], 'batch'),
    root: asBytes(items[2], 'root', 32),
    count: asUint(items[3], 'count', BATCH_PACKS_MAX),
    from_ms: asUint(items[4], 'from'),
    to_ms: asUint(items[5], 'to'),
    map: null,
    height: asUint(items[7], 'height'),
    time_ms: asUint(items[8], 'time'),
  };
}
