// Where accounts stand in the state; their form is in ledger/account.ts, for the genesis holds some too.

import { type Account, isAccountId, toAccount } from '../../ledger/account.ts';
import type { StateReader } from '../types.ts';

export function accountKey(id: string): string {
  return `accounts/${id}`;
}

export function getAccount(state: StateReader, id: string): Account | undefined {
  const value = isAccountId(id) ? state.get(accountKey(id)) : undefined;
  return value === undefined ? undefined : toAccount(value);
}
