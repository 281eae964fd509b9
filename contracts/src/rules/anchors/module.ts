// anchors: gateways commit the roots of their batches; each gateway's anchors form a log tree whose root stands in the
// state, so that one state proof covers every pack that was ever anchored (docs/formats.md §5).

import Type from 'typebox';
import type { CborObject } from '../../encoding/types.ts';
import { AppError } from '../../errors.ts';
import { appendLeaf, emptyFrontier, frontierRoot } from '../../merkle/frontier.ts';
import { leafHash } from '../../merkle/log-hash.ts';
import { requireRole } from '../permissions.ts';
import { Bytes, Closed, Time_ms } from '../schema.ts';
import { defineAction, type RuleModule } from '../types.ts';
import {
  ANCHOR_VERSION,
  type AnchorLog,
  anchorLogKey,
  BATCH_PACKS_MAX,
  encodeAnchor,
  getAnchorLog,
} from './anchor.ts';

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
    const frontier =
      log === undefined ? emptyFrontier() : { size: log.size, hashes: [...log.frontier] };
    if (p.batch !== frontier.size) {
      throw new AppError(
        'anchors/out-of-order',
        `The next batch of this gateway is ${frontier.size}.`,
        {
          expected: frontier.size,
          found: p.batch,
        },
      );
    }
    // Not held against the block's time: a gateway whose clock ran ahead for a minute must not stand still until then.
    if (p.from > p.to) {
      throw new AppError('anchors/bad-time', 'The receiving times of a batch must ascend.');
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
      events: [
        { type: 'anchors.committed', data: { gateway: ctx.signer.id, index: p.batch, leaf } },
      ],
    };
  },
);

export const anchors: RuleModule = { name: 'anchors', version: 1, actions: { commit } };
