// accounts: admission by organisations that answer for it, freezing and restoring, new keys (docs/formats.md §5).

import Type from 'typebox';
import { AppError } from '../../errors.ts';
import { type Account, accountToValue, toAccount } from '../../ledger/account.ts';
import { toPublicKey } from '../../ledger/public-key.ts';
import { isMember } from '../governance/validator-set.ts';
import { ADMITTING_ROLES, hasRole, requireRole } from '../permissions.ts';
import { AccountId, Closed, Names, PublicKeyValue, RoleName } from '../schema.ts';
import { defineAction, type RuleModule, type StateWrite } from '../types.ts';
import { accountKey, contactKey, getAccount, requireAccount } from './record.ts';

function write(account: Account): StateWrite {
  return { key: accountKey(account.id), value: accountToValue(account) };
}

const register = defineAction(
  Closed({
    id: AccountId,
    roles: Type.Array(RoleName, { minItems: 1, maxItems: 8 }),
    name: Names,
    key: PublicKeyValue,
    uscc: Type.Optional(Type.String({ pattern: '^[0-9A-HJ-NPQRTUWXY]{18}$', maxLength: 18 })),
  }),
  (state, p, ctx) => {
    requireRole(ctx, ADMITTING_ROLES);
    if (getAccount(state, p.id) !== undefined) {
      throw new AppError('accounts/exists', 'An account with this id exists; choose another id.', {
        id: p.id,
      });
    }
    const account = toAccount({ ...p, status: 'active' });
    // An organisation that admits others is itself admitted by the regulator only.
    if (hasRole(account, ADMITTING_ROLES)) requireRole(ctx, ['regulator']);
    return {
      writes: [write(account)],
      events: [{ type: 'accounts.registered', data: { id: p.id, by: ctx.signer.id } }],
    };
  },
);

const setStatus = defineAction(
  Closed({ id: AccountId, status: Type.Union([Type.Literal('active'), Type.Literal('frozen')]) }),
  (state, p, ctx) => {
    requireRole(ctx, ['regulator']);
    if (p.id === ctx.signer.id)
      throw new AppError('accounts/own-status', 'Another regulator has to do this.');
    const account = requireAccount(state, p.id);
    return {
      writes: [write({ ...account, status: p.status })],
      events: [
        { type: 'accounts.status-set', data: { id: p.id, status: p.status, by: ctx.signer.id } },
      ],
    };
  },
);

const setKey = defineAction(Closed({ id: AccountId, key: PublicKeyValue }), (state, p, ctx) => {
  const account = requireAccount(state, p.id);
  // The owner rotates its key; for a lost key the regulator sets the new one.
  if (ctx.signer.id !== p.id) {
    requireRole(ctx, ['regulator']);
    if (hasRole(account, ['regulator'])) {
      throw new AppError(
        'accounts/regulator-key',
        'A regulator changes its own key only; two must not be one.',
      );
    }
    // Else one regulator could speak for a quorum of the consortium.
    if (isMember(state, p.id)) {
      throw new AppError(
        'accounts/member-key',
        'An organisation with a validator changes its own key only; if it is lost, the others remove it first.',
        { id: p.id },
      );
    }
  }
  return {
    writes: [write({ ...account, key: toPublicKey(p.key) })],
    events: [{ type: 'accounts.key-set', data: { id: p.id, by: ctx.signer.id } }],
  };
});

/** Where an organisation wants to be told of recalls. The address is public, as everything on the ledger. */
const setContact = defineAction(
  Closed({ webhook: Type.String({ pattern: '^https?://[!-~]+$', maxLength: 500 }) }),
  (_state, p, ctx) => ({
    writes: [{ key: contactKey(ctx.signer.id), value: { webhook: p.webhook } }],
    events: [{ type: 'accounts.contact-set', data: { id: ctx.signer.id } }],
  }),
);

export const accounts: RuleModule = {
  name: 'accounts',
  version: 1,
  actions: { register, 'set-status': setStatus, 'set-key': setKey, 'set-contact': setContact },
};
