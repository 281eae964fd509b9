// lots.open-balance: stock from before the ledger. An auditor, who has counted it, vouches for it (docs/formats.md §5, *lot*).

import { AppError } from '../../errors.ts';
import { getAccount } from '../accounts/record.ts';
import { type Document, requireDocument } from '../documents/document.ts';
import { hasRole, requireOwnPlace, requireRole } from '../permissions.ts';
import { requirePlace } from '../places/place.ts';
import { Amount, Bytes, Closed, Gln, Gtin, Text20 } from '../schema.ts';
import { defineAction, type RuleContext, type StateReader } from '../types.ts';
import { ClaimedAge, Note } from './fields.ts';
import { lotKey, lotWrite } from './lot.ts';
import { newLot, requireNewLot } from './new-lot.ts';

export const openBalance = defineAction(
  Closed({
    gtin: Gtin,
    lot: Text20,
    amount: Amount,
    place: Gln,
    document: Bytes(32),
    note: Note,
    claimedAge_months: ClaimedAge,
  }),
  (state, p, ctx) => {
    requireRole(ctx, ['processor', 'carrier', 'shop', 'association']);
    const making = requireNewLot(state, ctx, p.gtin, p.lot);
    requireOwnPlace(ctx, requirePlace(state, p.place), ctx.signer.id);
    const audit = requireAudit(state, ctx, p.document, lotKey(p.gtin, p.lot));
    if (audit.amount === undefined || p.amount > audit.amount) {
      throw new AppError(
        'lots/beyond-audit',
        `The audit vouches for ${audit.amount ?? 0}, not ${p.amount}.`,
        { audited: audit.amount ?? 0, asked: p.amount },
      );
    }
    const since = ctx.time_ms;
    const { amount, document, ...named } = p;
    const lot = newLot(ctx, making, {
      ...named,
      made: amount,
      since,
      // An audit that does not say how old it is vouches for no age.
      born: Math.min(audit.born ?? since, since),
      process: 'opening-balance',
      inputs: [],
      document,
    });
    return {
      writes: [lotWrite(lot)],
      events: [
        {
          type: 'lots.balance-opened',
          data: { gtin: p.gtin, lot: p.lot, amount, place: p.place, document },
        },
      ],
    };
  },
);

/**
 * The audit about `subject` that holds now. Throws `documents/*` of `requireDocument`, or `lots/not-audited` unless its issuer is
 * an auditor other than the signer.
 */
export function requireAudit(
  state: StateReader,
  ctx: RuleContext,
  hash: Uint8Array,
  subject: string,
): Document {
  const audit = requireDocument(state, hash, { kind: 'audit', subject, time_ms: ctx.time_ms });
  const issuer = getAccount(state, audit.issuer);
  if (issuer === undefined || !hasRole(issuer, ['auditor']) || issuer.id === ctx.signer.id) {
    throw new AppError(
      'lots/not-audited',
      'The document must be that of an auditor who is not the holder.',
      { issuer: audit.issuer },
    );
  }
  return audit;
}
