// anchors: gateways commit the roots of their batches; each gateway's anchors form a log tree whose root stands in the
// state, so that one state proof covers every pack that was ever anchored (docs/formats.md §5).

import Type from 'typebox';
import { equalBytes } from '../../encoding/bytes.ts';
import { decodeCbor, encodeCbor } from '../../encoding/cbor.ts';
import { asArray, asBytes, asUint } from '../../encoding/read.ts';
import type { CborObject, CborValue } from '../../encoding/types.ts';
import { AppError } from '../../errors.ts';
import { FUTURE_AFTER_MS } from '../../limits.ts';
import { appendLeaf, emptyFrontier, frontierRoot } from '../../merkle/frontier.ts';
import { leafHash } from '../../merkle/log-tree.ts';
import { requireRole } from '../permissions.ts';
import { Bytes, Closed, Time_ms } from '../schema.ts';
import { defineAction, type RuleModule, type StateReader } from '../types.ts';

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

const ANCHOR_VERSION = 1;
/** Packs of one batch. */
const BATCH_PACKS_MAX = 1_000_000;

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
  return encodeCbor([ANCHOR_VERSION, a.batch, a.root, a.count, a.from_ms, a.to_ms, a.map, a.height, a.time_ms]);
}

/** Throws `anchors/malformed`, `cbor/*` or `format/*`. */
export function decodeAnchor(bytes: Uint8Array): Anchor {
  const items = asArray(decodeCbor(bytes), 'anchor', 9);
  if (items.length !== 9 || items[0] !== ANCHOR_VERSION || items[6] !== null) {
    throw new AppError('anchors/malformed', 'The anchor is not of version 1; use a newer verifier.');
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

const commit = defineAction(
  Closed({
    v: Type.Literal(ANCHOR_VERSION),
    batch: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    root: Bytes(32),
    count: Type.Integer({ minimum: 1, maximum: BATCH_PACKS_MAX }),
    from: Time_ms,
    to: Time_ms,
    map: Type.Null(),
  }),
  (state, p, ctx) => {
    requireRole(ctx, ['gateway']);
    const log = getAnchorLog(state, ctx.signer.id);
    const frontier = log === undefined ? emptyFrontier() : { size: log.size, hashes: [...log.frontier] };
    if (p.batch !== frontier.size) {
      throw new AppError('anchors/out-of-order', `The next batch of this gateway is ${frontier.size}.`, {
        expected: frontier.size,
        found: p.batch,
      });
    }
    if (p.from > p.to || p.to > ctx.time_ms + FUTURE_AFTER_MS) {
      throw new AppError('anchors/bad-time', 'The receiving times must ascend and not lie ahead of the ledger; check the clock.');
    }
    const leaf = encodeAnchor({
      batch: p.batch,
      root: p.root,
      count: p.count,
      from_ms: p.from,
      to_ms: p.to,
      map: null,
      height: ctx.height,
      time_ms: ctx.time_ms,
    });
    const next = appendLeaf(ctx.hash, frontier, leafHash(ctx.hash, leaf));
    const value: AnchorLog = {
      v: ANCHOR_VERSION,
      size: next.size,
      root: frontierRoot(ctx.hash, next),
      frontier: next.hashes,
      time: ctx.time_ms,
    };
    return {
      writes: [{ key: anchorLogKey(ctx.signer.id), value: value as unknown as CborObject }],
      events: [{ type: 'anchors.committed', data: { gateway: ctx.signer.id, index: p.batch, leaf } }],
    };
  },
);

export const anchors: RuleModule = { name: 'anchors', version: 1, actions: { commit } };

/** True if `anchor` commits to this batch root; the gateway asks it before it anchors again after a crash. */
export function commitsTo(anchor: Anchor, batch: number, root: Uint8Array): boolean {
  return anchor.batch === batch && equalBytes(anchor.root, root);
}
