// labels.reveal: the code under the scratch layer is shown once. Whoever holds the code may have it carried to the ledger; the
// second one who comes with it holds a copy (docs/formats.md §5).

import Type from 'typebox';
import { AppError, isAppError } from '../../errors.ts';
import { LABEL_BATCH_UNITS_MAX } from '../../limits.ts';
import { leafHash, verifyInclusion } from '../../merkle/log-tree.ts';
import { Bytes, Closed, Gtin, Text20 } from '../schema.ts';
import { defineAction, type RuleContext } from '../types.ts';
import {
  hiddenCommitment,
  type LabelBatch,
  requireLabelBatch,
  revealKey,
  unitLeaf,
  voidKey,
} from './label.ts';

/**
 * At least 13 of 32 letters: 65 bits. The commitment is on the ledger's side of the scratch layer, shown to everyone who scans,
 * so a shorter code would be found by trying them all at home. Letters are Crockford's: no I, L, O, U to misread.
 */
export const HIDDEN_CODE = /^[0-9A-HJKMNP-TV-Z]{13,20}$/;

/** Hashes on the way from a leaf to the root of the largest label batch. */
const PROOF_HASHES_MAX = Math.ceil(Math.log2(LABEL_BATCH_UNITS_MAX));

export const reveal = defineAction(
  Closed({
    gtin: Gtin,
    lot: Text20,
    batch: Text20,
    index: Type.Integer({ minimum: 0, maximum: LABEL_BATCH_UNITS_MAX - 1 }),
    serial: Text20,
    code: Type.String({ pattern: HIDDEN_CODE.source, maxLength: 20 }),
    proof: Type.Array(Bytes(32), { maxItems: PROOF_HASHES_MAX }),
  }),
  (state, p, ctx) => {
    const batch = requireLabelBatch(state, p.gtin, p.lot, p.batch);
    if (!batch.hidden) {
      throw new AppError('labels/no-hidden-code', 'The labels of this batch have no hidden code.');
    }
    requireCode(batch, p, ctx);
    if (p.index >= batch.activated) {
      throw new AppError('labels/not-activated', 'The unit was never put on a pack.', {
        index: p.index,
      });
    }
    if (state.get(voidKey(p.gtin, p.lot, p.batch, p.index)) !== undefined) {
      throw new AppError('labels/voided', 'The unit is void.', { index: p.index });
    }
    const key = revealKey(p.gtin, p.lot, p.serial);
    if (state.get(key) !== undefined) {
      throw new AppError(
        'labels/already-revealed',
        'This code was shown before: one of the two packs is a copy. Keep it and report it.',
        { serial: p.serial },
      );
    }
    const value = {
      batch: p.batch,
      index: p.index,
      by: ctx.signer.id,
      at: ctx.time_ms,
      tx: ctx.txId,
    };
    return {
      writes: [{ key, value }],
      events: [
        {
          type: 'labels.revealed',
          data: { gtin: p.gtin, lot: p.lot, serial: p.serial, batch: p.batch, index: p.index },
        },
      ],
    };
  },
);

interface Claim {
  readonly index: number;
  readonly serial: string;
  readonly code: string;
  readonly proof: readonly Uint8Array[];
}

function requireCode(batch: LabelBatch, claim: Claim, { hash }: RuleContext): void {
  const { gtin, lot, root, count: size } = batch;
  const unit = { gtin, lot, serial: claim.serial };
  const leaf = unitLeaf(gtin, lot, claim.serial, hiddenCommitment(hash, unit, claim.code));
  try {
    const { index, proof } = claim;
    verifyInclusion(hash, { index, size, leaf: leafHash(hash, leaf), proof, root });
  } catch (error) {
    if (!isAppError(error)) throw error;
    throw new AppError(
      'labels/wrong-code',
      'The code is not that of this unit; read it again from the label.',
      { serial: claim.serial },
      error,
    );
  }
}
