// labels: units of a lot, committed as the Merkle root of their serials. Never more net weight than the lot has left
// (docs/formats.md §5).

import Type from 'typebox';
import { AppError } from '../../errors.ts';
import { LABEL_BATCH_UNITS_MAX } from '../../limits.ts';
import { drawMass, lotWrite, requireHeldLot } from '../lots/lot.ts';
import { Amount, Bytes, Closed, Gtin, Text20 } from '../schema.ts';
import { defineAction, type RuleModule } from '../types.ts';
import { getLabelBatch, type LabelBatch, labelKey } from './label.ts';

const issue = defineAction(
  Closed({
    gtin: Gtin,
    lot: Text20,
    batch: Text20,
    root: Bytes(32),
    count: Type.Integer({ minimum: 1, maximum: LABEL_BATCH_UNITS_MAX }),
    net: Amount,
  }),
  (state, p, ctx) => {
    const lot = requireHeldLot(state, p.gtin, p.lot, ctx.signer.id);
    if (getLabelBatch(state, p.gtin, p.lot, p.batch) !== undefined) {
      throw new AppError('labels/exists', 'This lot has a label batch of that number.', {
        batch: p.batch,
      });
    }
    const total_g = p.count * p.net;
    if (!Number.isSafeInteger(total_g) || total_g > lot.left) {
      const possible = Math.floor(lot.left / p.net);
      throw new AppError(
        'labels/beyond-mass',
        `The lot has ${lot.left} g left: at most ${possible} labels of ${p.net} g.`,
        { left: lot.left, possible },
      );
    }
    const batch: LabelBatch = { ...p, issuer: ctx.signer.id, issuedAt: ctx.time_ms, tx: ctx.txId };
    return {
      writes: [
        lotWrite({ ...drawMass(lot, total_g), labelled: lot.labelled + total_g }),
        { key: labelKey(p.gtin, p.lot, p.batch), value: { ...batch } },
      ],
      events: [
        {
          type: 'labels.issued',
          data: { gtin: p.gtin, lot: p.lot, batch: p.batch, count: p.count, net: p.net },
        },
      ],
    };
  },
);

export const labels: RuleModule = { name: 'labels', version: 1, actions: { issue } };
