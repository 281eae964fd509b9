// lots.open-balance: stock from before the ledger. An auditor, who has counted it, vouches for it, and under a mark its steward
// as well: no harvest stands behind it (docs/formats.md §5, *lot*).

import Type from 'typebox';
import { AppError } from '../../errors.ts';
import { getAccount } from '../accounts/record.ts';
import { type Document, requireDocument } from '../documents/document.ts';
import { hasRole, requireOwnPlace, requireRole } from '../permissions.ts';
import { requirePlace } from '../places/place.ts';
import { getMark, type Product } from '../products/product.ts';
import { Amount, Bytes, Closed, Gln, Gtin, Text20 } from '../schema.ts';
import { defineAction, type RuleContext, type StateReader } from '../types.ts';
import { ClaimedAge, Note } from './fields.ts';
import { lotKey, lotWrite } from './lot.ts';
import { newLot, requireMaker, requireNewLot, requirePolicy } from './new-lot.ts';

export const openBalance = defineAction(
  Closed({
    gtin: Gtin,
    lot: Text20,
    amount: Amount,
    place: Gln,
    document: Bytes(32),
    authorisation: Type.Optional(Bytes(32)),
    note: Note,
    claimedAge_months: ClaimedAge,
  }),
  (state, p, ctx) => {
    requireRole(ctx, ['processor', 'carrier', 'shop', 'association']);
    const making = requireNewLot(state, ctx, p.gtin, p.lot);
    requirePolicy(making);
    requireOwnPlace(ctx, requirePlace(state, p.place), ctx.signer.id);
    const subject = lotKey(p.gtin, p.lot);
    const audit = requireAudit(state, ctx, p.document, subject);
    if (audit.subjects.length !== 1) {
      throw new AppError(
        'lots/shared-audit',
        'The audit is about several things, and its amount would be spent on each; get one about this lot alone.',
        { subjects: audit.subjects.length },
      );
    }
    const authorisation = requireAuthorisation(
      state,
      ctx,
      making.product,
      p.authorisation,
      subject,
    );
    if (audit.amount === undefined || p.amount > audit.amount) {
      throw new AppError(
        'lots/beyond-audit',
        `The audit vouches for ${audit.amount ?? 0}, not ${p.amount}.`,
        { audited: audit.amount ?? 0, asked: p.amount },
      );
    }
    const since = ctx.time_ms;
    const { amount, document, authorisation: _, ...named } = p;
    const lot = newLot(ctx, making, {
      ...named,
      made: amount,
      since,
      // An audit that does not say how old it is vouches for no age.
      born: Math.min(audit.born ?? since, since),
      process: 'opening-balance',
      inputs: [],
      document,
      authorisation,
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
 * an active auditor other than the signer.
 */
export function requireAudit(
  state: StateReader,
  ctx: RuleContext,
  hash: Uint8Array,
  subject: string,
): Document {
  const audit = requireDocument(state, hash, { kind: 'audit', subject, time_ms: ctx.time_ms });
  const issuer = getAccount(state, audit.issuer);
  const counts = issuer?.status === 'active' && hasRole(issuer, ['auditor']);
  if (!counts || audit.issuer === ctx.signer.id) {
    throw new AppError(
      'lots/not-audited',
      'The document must be that of an active auditor who is not the holder.',
      { issuer: audit.issuer },
    );
  }
  return audit;
}

/**
 * The authorisation under the product's mark, undefined where it has none. Any association may admit an auditor of its own: who
 * answers for the mark has to have said yes. Throws `lots/not-authorised`, `lots/not-a-maker`, or `documents/*` of `requireDocument`.
 */
function requireAuthorisation(
  state: StateReader,
  ctx: RuleContext,
  product: Product,
  hash: Uint8Array | undefined,
  subject: string,
): Uint8Array | undefined {
  if (product.mark === undefined) return undefined;
  requireMaker(product, ctx.signer.id);
  if (hash === undefined) throw notAuthorised(product.mark, null);
  const kind = 'gi-authorisation';
  const paper = requireDocument(state, hash, { kind, subject, time_ms: ctx.time_ms });
  const issuer = getAccount(state, paper.issuer);
  const answers =
    paper.issuer === getMark(state, product.mark)?.steward ||
    (issuer !== undefined && hasRole(issuer, ['regulator']));
  if (!answers || issuer?.status !== 'active') throw notAuthorised(product.mark, paper.issuer);
  return hash;
}

function notAuthorised(mark: string, issuer: string | null): AppError {
  return new AppError(
    'lots/not-authorised',
    `Stock of the mark ${mark} is opened with an authorisation about this lot by its steward or a regulator; ask for one.`,
    { mark, issuer },
  );
}
