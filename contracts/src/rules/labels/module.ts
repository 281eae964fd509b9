// labels: units of a lot, committed as the Merkle root of their serials. Never more content than the lot has left, and never
// an age that the ledger does not know of (docs/formats.md §5).

import Type from 'typebox';
import { AppError } from '../../errors.ts';
import { LABEL_BATCH_UNITS_MAX, LOT_BATCHES_MAX } from '../../limits.ts';
import { requireNotRefuted } from '../cases/case.ts';
import { lotWrite, requireHeldLot, requireNotInTransit } from '../lots/lot.ts';
import { requireProduct } from '../products/product.ts';
import { requireNotRecalled } from '../recalls/recall.ts';
import { Amount, Bytes, Closed, Gtin, Reason, Text20 } from '../schema.ts';
import { defineAction, type RuleContext, type RuleModule } from '../types.ts';
import { requireRipe } from './age.ts';
import {
  getLabelBatch,
  type LabelBatch,
  labelListKey,
  labelWrite,
  liveUnits,
  requireLabelBatch,
  voidKey,
} from './label.ts';
import { reveal } from './reveal.ts';

const BatchId = { gtin: Gtin, lot: Text20, batch: Text20 };

const issue = defineAction(
  Closed({
    ...BatchId,
    root: Bytes(32),
    count: Type.Integer({ minimum: 1, maximum: LABEL_BATCH_UNITS_MAX }),
    net: Amount,
    hidden: Type.Optional(Type.Boolean({ description: 'the leaves commit to a scratch code' })),
  }),
  (state, p, ctx) => {
    const lot = requireHeldLot(state, p.gtin, p.lot, ctx.signer.id);
    requireNotInTransit(lot);
    requireNotRecalled(state, p.gtin, p.lot);
    requireNotRefuted(state, lot);
    const product = requireProduct(state, p.gtin);
    requireRipe(state, product, lot, ctx);
    if (getLabelBatch(state, p.gtin, p.lot, p.batch) !== undefined) {
      throw new AppError('labels/exists', 'This lot has a label batch of that number.', {
        batch: p.batch,
      });
    }
    if (lot.batches >= LOT_BATCHES_MAX) {
      throw new AppError(
        'labels/too-many-batches',
        `A lot has at most ${LOT_BATCHES_MAX} label batches; split the rest off as a new lot.`,
      );
    }
    const total = p.count * p.net;
    if (!Number.isSafeInteger(total) || total > lot.left) {
      const possible = Math.floor(lot.left / p.net);
      const unit = product.unit === 'g' ? ' g' : '';
      throw new AppError(
        'labels/beyond-mass',
        `The lot has ${lot.left}${unit} left: at most ${possible} labels of ${p.net}${unit}.`,
        { left: lot.left, possible },
      );
    }
    const batch: LabelBatch = {
      ...p,
      hidden: p.hidden ?? false,
      activated: 0,
      voided: 0,
      missing: 0,
      closed: false,
      issuer: ctx.signer.id,
      issuedAt: ctx.time_ms,
      holder: ctx.signer.id,
      moves: [],
      tx: ctx.txId,
    };
    return {
      writes: [
        lotWrite({
          ...lot,
          left: lot.left - total,
          labelled: lot.labelled + total,
          batches: lot.batches + 1,
        }),
        labelWrite(batch),
        { key: labelListKey(p.gtin, p.lot, lot.batches), value: p.batch },
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

function requireHeld(batch: LabelBatch, ctx: RuleContext): void {
  if (batch.holder !== ctx.signer.id) {
    throw new AppError('labels/not-holder', 'The label batch is held by another account.', {
      batch: batch.batch,
    });
  }
  requireNotInTransit(batch);
}

/** Only who printed the labels, with the packs still in his house, puts them on or gives them up. */
function requireOpenAtIssuer(batch: LabelBatch, ctx: RuleContext): void {
  requireHeld(batch, ctx);
  if (batch.issuer !== ctx.signer.id) {
    throw new AppError('labels/not-issuer', 'Only the issuer of the label batch may do this.', {
      issuer: batch.issuer,
    });
  }
  if (batch.closed) {
    throw new AppError('labels/closed', 'The label batch is closed; issue a new one.', {
      batch: batch.batch,
    });
  }
}

const activate = defineAction(
  Closed({
    ...BatchId,
    upTo: Type.Integer({
      minimum: 1,
      maximum: LABEL_BATCH_UNITS_MAX,
      description: 'units on packs',
    }),
  }),
  (state, p, ctx) => {
    const batch = requireLabelBatch(state, p.gtin, p.lot, p.batch);
    requireOpenAtIssuer(batch, ctx);
    requireNotRecalled(state, p.gtin, p.lot);
    if (p.upTo <= batch.activated || p.upTo > batch.count) {
      throw new AppError(
        'labels/bad-activation',
        `Units are activated in printing order: name more than ${batch.activated} and at most ${batch.count}.`,
        { activated: batch.activated, count: batch.count },
      );
    }
    return {
      writes: [labelWrite({ ...batch, activated: p.upTo })],
      events: [
        {
          type: 'labels.activated',
          data: { gtin: p.gtin, lot: p.lot, batch: p.batch, from: batch.activated, upTo: p.upTo },
        },
      ],
    };
  },
);

const voidUnit = defineAction(
  Closed({
    ...BatchId,
    index: Type.Integer({ minimum: 0, maximum: LABEL_BATCH_UNITS_MAX - 1 }),
    reason: Reason,
  }),
  (state, p, ctx) => {
    const batch = requireLabelBatch(state, p.gtin, p.lot, p.batch);
    requireHeld(batch, ctx);
    if (p.index >= batch.activated) {
      throw new AppError(
        'labels/not-activated',
        'The unit is not activated; units that are not needed are given up with labels.close.',
        { index: p.index, activated: batch.activated },
      );
    }
    const key = voidKey(p.gtin, p.lot, p.batch, p.index);
    if (state.get(key) !== undefined || liveUnits(batch) === 0) {
      throw new AppError('labels/voided', 'The unit is void already, or no unit is left.', {
        index: p.index,
      });
    }
    return {
      writes: [
        labelWrite({ ...batch, voided: batch.voided + 1 }),
        { key, value: { reason: p.reason, by: ctx.signer.id, at: ctx.time_ms, tx: ctx.txId } },
      ],
      events: [
        {
          type: 'labels.voided',
          data: { gtin: p.gtin, lot: p.lot, batch: p.batch, index: p.index, reason: p.reason },
        },
      ],
    };
  },
);

const close = defineAction(Closed(BatchId), (state, p, ctx) => {
  const batch = requireLabelBatch(state, p.gtin, p.lot, p.batch);
  requireOpenAtIssuer(batch, ctx);
  // What was not packed lies with the bulk again, so the bulk must lie here.
  const lot = requireHeldLot(state, p.gtin, p.lot, ctx.signer.id);
  requireNotInTransit(lot);
  const given = batch.count - batch.activated;
  const back = given * batch.net;
  return {
    writes: [
      labelWrite({ ...batch, closed: true }),
      lotWrite({ ...lot, left: lot.left + back, labelled: lot.labelled - back }),
    ],
    events: [
      {
        type: 'labels.closed',
        data: { gtin: p.gtin, lot: p.lot, batch: p.batch, void: given, back },
      },
    ],
  };
});

export const labels: RuleModule = {
  name: 'labels',
  version: 1,
  actions: { issue, activate, void: voidUnit, close, reveal },
};
