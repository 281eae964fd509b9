// lots.purchase: a grower's fruit in the hands of the buyer who records it. Nobody's plot yields without its grower's word where
// a mark or a quota hangs on it (docs/formats.md §5, *lot* and *consent*).

import Type from 'typebox';
import { bytesToHex } from '../../encoding/bytes.ts';
import { AppError } from '../../errors.ts';
import type { Account } from '../../ledger/account.ts';
import {
  CONSENT_SIZE_BYTES_MAX,
  consentId,
  decodeConsent,
  verifyConsent,
} from '../../ledger/consent.ts';
import { getAccount } from '../accounts/record.ts';
import { hasRole, recordedTime_ms, requireOwnPlace, requireRole } from '../permissions.ts';
import { requirePlace } from '../places/place.ts';
import {
  AccountId,
  Amount,
  BytesUpTo,
  Closed,
  Gln,
  Gtin,
  Season,
  Text20,
  Time_ms,
} from '../schema.ts';
import { defineAction, type RuleContext, type StateReader, type StateWrite } from '../types.ts';
import { Note } from './fields.ts';
import { drawCrop, requirePlot } from './harvest.ts';
import { lotWrite } from './lot.ts';
import { newLot, requireMaker, requireNewLot, requirePolicy } from './new-lot.ts';

interface Purchase {
  readonly gtin: string;
  readonly amount: number;
  readonly grower: string;
  readonly plot: string;
  readonly season?: string;
  readonly consent?: Uint8Array;
}

export const purchase = defineAction(
  Closed({
    gtin: Gtin,
    lot: Text20,
    amount: Amount,
    place: Gln,
    grower: AccountId,
    plot: Gln,
    season: Type.Optional(Season),
    time: Type.Optional(Time_ms),
    consent: Type.Optional(BytesUpTo(CONSENT_SIZE_BYTES_MAX)),
    note: Note,
  }),
  (state, p, ctx) => {
    requireRole(ctx, ['processor', 'carrier', 'shop', 'association']);
    const making = requireNewLot(state, ctx, p.gtin, p.lot);
    // The grower made it, and it is his name that the product must know.
    requireMaker(making.product, p.grower);
    requirePolicy(making);
    requireOwnPlace(ctx, requirePlace(state, p.place), ctx.signer.id);
    const grower = requireGrower(state, p.grower);
    const plot = requirePlot(state, p.plot, p.grower);
    const since = recordedTime_ms(ctx, p.time);
    const drawn = drawCrop(state, making, plot, { ...p, time_ms: since });
    const needed = making.product.mark !== undefined || drawn.length > 0;
    const consent = useConsent(state, ctx, grower, p, needed);
    const lot = newLot(ctx, making, {
      gtin: p.gtin,
      lot: p.lot,
      made: p.amount,
      place: p.place,
      since,
      born: since,
      process: 'purchase',
      inputs: [],
      season: p.season,
      note: p.note,
      origin: { grower: p.grower, plot: p.plot, consent: consent.id },
    });
    return {
      writes: [lotWrite(lot), ...drawn, ...consent.writes],
      events: [
        {
          type: 'lots.purchased',
          data: {
            gtin: p.gtin,
            lot: p.lot,
            amount: p.amount,
            grower: p.grower,
            plot: p.plot,
            consented: consent.id !== null,
          },
        },
      ],
    };
  },
);

export function consentKey(grower: string, nonce: Uint8Array): string {
  return `consents/${grower}/${bytesToHex(nonce)}`;
}

function requireGrower(state: StateReader, id: string): Account {
  const account = getAccount(state, id);
  if (account === undefined) {
    throw new AppError('accounts/unknown', 'The grower has no account; register it first.', { id });
  }
  if (account.status !== 'active' || !hasRole(account, ['grower'])) {
    throw new AppError(
      'lots/not-a-grower',
      'The fruit must be that of an active account with the role grower.',
      { id },
    );
  }
  return account;
}

function useConsent(
  state: StateReader,
  ctx: RuleContext,
  grower: Account,
  p: Purchase,
  needed: boolean,
): { id: Uint8Array | null; writes: StateWrite[] } {
  if (p.consent === undefined) {
    if (!needed) return { id: null, writes: [] };
    throw new AppError(
      'lots/consent-needed',
      'The product has a mark or a quota: buy it with the grower’s signed consent.',
      { gtin: p.gtin, grower: p.grower },
    );
  }
  const consent = decodeConsent(p.consent);
  verifyConsent(ctx.crypto, grower.key, consent, {
    grower: grower.id,
    chainId: ctx.chainId,
    buyer: ctx.signer.id,
    gtin: p.gtin,
    plot: p.plot,
    season: p.season ?? '',
    amount: p.amount,
    time_ms: ctx.time_ms,
  });
  const key = consentKey(grower.id, consent.nonce);
  if (state.get(key) !== undefined) {
    throw new AppError('consent/used', 'This consent was used before; ask the grower for another.');
  }
  return { id: consentId(ctx.hash, consent), writes: [{ key, value: ctx.txId }] };
}
