// lots.re-weigh and lots.destroy: what is left of a lot becomes less, and where it went is written down (docs/formats.md §5, *lot*).

import Type from 'typebox';
import { bytesToHex } from '../../encoding/bytes.ts';
import { AppError } from '../../errors.ts';
import { AMOUNT_MAX } from '../../limits.ts';
import { getDocument } from '../documents/document.ts';
import { recordedTime_ms } from '../permissions.ts';
import { type Policy, policyAt } from '../policies/policy.ts';
import { requireProduct } from '../products/product.ts';
import { Amount, Bytes, Closed, Gtin, Reason, Text20, Time_ms } from '../schema.ts';
import { defineAction, type RuleContext, type StateReader } from '../types.ts';
import {
  drawMass,
  type Lot,
  lastMoved_ms,
  lotKey,
  lotWrite,
  requireHeldLot,
  requireNotInTransit,
} from './lot.ts';
import { requireAudit } from './open-balance.ts';

/** Mean Gregorian year, 365.2425 days. */
const YEAR_MS = 31_556_952_000n;
const PPM = 1_000_000n;

export const reWeigh = defineAction(
  Closed({
    gtin: Gtin,
    lot: Text20,
    amount: Type.Integer({ minimum: 0, maximum: AMOUNT_MAX, description: 'what is left' }),
    time: Type.Optional(Time_ms),
    document: Type.Optional(Bytes(32)),
  }),
  (state, p, ctx) => {
    const lot = requireHeldLot(state, p.gtin, p.lot, ctx.signer.id);
    requireNotInTransit(lot);
    const at = recordedTime_ms(ctx, p.time);
    if (at < Math.max(lot.weighed, lastMoved_ms(lot))) {
      throw new AppError(
        'lots/out-of-order',
        'The lot was weighed or moved after this time; check the clock.',
        { gtin: p.gtin, lot: p.lot },
      );
    }
    if (p.amount > lot.left) {
      throw new AppError(
        'lots/mass-rises',
        `${p.amount} cannot come out of ${lot.left}; weigh again.`,
        { in: lot.left, out: p.amount },
      );
    }
    const loss = lot.left - p.amount;
    const natural = naturalLoss(productPolicy(state, ctx, p.gtin), lot, at);
    if (loss > natural) {
      if (p.document === undefined) {
        throw new AppError(
          'lots/beyond-loss',
          `By policy ${natural} can be lost since the last weighing, not ${loss}; add an audit of the lot.`,
          { natural, loss },
        );
      }
      requireAudit(state, ctx, p.document, lotKey(p.gtin, p.lot));
    }
    return {
      writes: [lotWrite({ ...drawMass(lot, loss), lost: lot.lost + loss, weighed: at })],
      events: [
        { type: 'lots.weighed', data: { gtin: p.gtin, lot: p.lot, left: p.amount, lost: loss } },
      ],
    };
  },
);

/** Under a recall too: it is how a recall ends for most goods. */
export const destroy = defineAction(
  Closed({
    gtin: Gtin,
    lot: Text20,
    amount: Amount,
    reason: Reason,
    document: Type.Optional(Bytes(32)),
  }),
  (state, p, ctx) => {
    const lot = requireHeldLot(state, p.gtin, p.lot, ctx.signer.id);
    requireNotInTransit(lot);
    if (p.document !== undefined) requireAbout(state, p.document, lotKey(p.gtin, p.lot));
    return {
      writes: [lotWrite({ ...drawMass(lot, p.amount), destroyed: lot.destroyed + p.amount })],
      events: [
        {
          type: 'lots.destroyed',
          data: {
            gtin: p.gtin,
            lot: p.lot,
            amount: p.amount,
            reason: p.reason,
            document: p.document ?? null,
          },
        },
      ],
    };
  },
);

function productPolicy(state: StateReader, ctx: RuleContext, gtin: string): Policy | undefined {
  const { policy } = requireProduct(state, gtin);
  return policy === undefined ? undefined : policyAt(state, policy, ctx.height);
}

/** What may have dried away since the last weighing: nothing where no policy says so. */
function naturalLoss(policy: Policy | undefined, lot: Lot, at: number): number {
  const ppm = BigInt(policy?.loss_ppm_per_year ?? 0);
  const share = BigInt(lot.left) * ppm * BigInt(at - lot.weighed);
  const whole = PPM * YEAR_MS;
  const loss = (share + whole - 1n) / whole;
  return loss > BigInt(lot.left) ? lot.left : Number(loss);
}

/** Throws `documents/unknown`, `documents/other-subject` or `documents/revoked`. */
function requireAbout(state: StateReader, hash: Uint8Array, subject: string): void {
  const document = getDocument(state, hash);
  if (document === undefined) {
    throw new AppError('documents/unknown', 'There is no such document; register it first.', {
      document: bytesToHex(hash),
    });
  }
  if (!document.subjects.includes(subject)) {
    throw new AppError('documents/other-subject', 'The document is about something else.', {
      subject,
    });
  }
  if (document.status === 'revoked') {
    throw new AppError('documents/revoked', 'The document was revoked; get a new one.');
  }
}
