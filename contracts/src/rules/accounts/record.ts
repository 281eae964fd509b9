// Where accounts stand in the state; their form is in ledger/account.ts, for the genesis holds some too.

import { AppError } from '../../errors.ts';
import { type Account, isAccountId, toAccount } from '../../ledger/account.ts';
import type { StateReader } from '../types.ts';

export function accountKey(id: string): string {
  return `accounts/${id}`;
}

export function getAccount(state: StateReader, id: string): Account | undefined {
  const value = isAccountId(id) ? state.get(accountKey(id)) : undefined;
  return value === undefined ? undefined : toAccount(value);
}

/** Where an account wants to be told of recalls stands under this key, as `{ webhook }`. */
export function contactKey(id: string): string {
  return `contacts/${id}`;
}

export function getWebhook(state: StateReader, id: string): string | undefined {
  return (state.get(contactKey(id)) as { webhook: string } | undefined)?.webhook;
}

/** Throws `accounts/unknown`. */
export function requireAccount(state: StateReader, id: string): Account {
  const account = getAccount(state, id);
  if (account === undefined)
    throw new AppError('accounts/unknown', 'There is no such account; register it first.', { id });
  return account;
}
