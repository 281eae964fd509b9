// Accounts (docs/formats.md §4): organisations and people that sign transactions, under a name someone answers for.

import type { PublicKey } from '../crypto/types.ts';
import { asArray, asObject, asText, onlyKeys } from '../encoding/read.ts';
import type { CborObject, CborValue } from '../encoding/types.ts';
import { AppError } from '../errors.ts';
import { publicKeyToValue, toPublicKey } from './public-key.ts';

/** What an account may do; the rules say which role each action needs. */
export const ROLES = [
  'association',
  'regulator',
  'bureau',
  'carrier',
  'grower',
  'processor',
  'gateway',
  'laboratory',
  'shop',
  'auditor',
] as const;

export type Role = (typeof ROLES)[number];

export interface Account {
  readonly id: string;
  readonly roles: readonly Role[];
  readonly name: { readonly zh: string; readonly en: string };
  readonly key: PublicKey;
  /** Unified social credit code, GB 32100, 18 characters. Absent for natural persons. */
  readonly uscc?: string;
  readonly status: 'active' | 'frozen';
}

const ACCOUNT_ID = /^[a-z0-9][a-z0-9.-]{1,62}$/;
const NAME_CHARS_MAX = 64;

export function isAccountId(value: unknown): value is string {
  return typeof value === 'string' && ACCOUNT_ID.test(value);
}

function isRole(value: string): value is Role {
  return (ROLES as readonly string[]).includes(value);
}

/** Reads `names` of docs/formats.md §5; both languages are required. Throws `format/*`. */
export function toNames(value: CborValue | undefined, what: string): { zh: string; en: string } {
  const object = asObject(value, what);
  onlyKeys(object, ['zh', 'en'], what);
  const names = {
    zh: asText(object.zh, `${what}.zh`, NAME_CHARS_MAX),
    en: asText(object.en, `${what}.en`, NAME_CHARS_MAX),
  };
  if (names.zh.trim() === '' || names.en.trim() === '') {
    throw new AppError('format/invalid', `${what} needs a name in Chinese and in English.`);
  }
  return names;
}

export function accountToValue(account: Account): CborObject {
  return {
    id: account.id,
    roles: account.roles,
    name: account.name,
    key: publicKeyToValue(account.key),
    ...(account.uscc === undefined ? {} : { uscc: account.uscc }),
    status: account.status,
  };
}

/** Throws `account/*`, `key/*` or `format/*`. */
export function toAccount(value: CborValue | undefined): Account {
  const object = asObject(value, 'account');
  onlyKeys(object, ['id', 'roles', 'name', 'key', 'uscc', 'status'], 'account');
  if (!isAccountId(object.id)) {
    throw new AppError('account/bad-id', 'An account id has 2 to 63 of a-z, 0-9, dot and hyphen.');
  }
  const roles = asArray(object.roles, 'roles', ROLES.length).map((role) => {
    const name = asText(role, 'role', 32);
    if (!isRole(name))
      throw new AppError('account/unknown-role', `A role must be one of: ${ROLES.join(', ')}.`);
    return name;
  });
  if (roles.length === 0 || new Set(roles).size !== roles.length) {
    throw new AppError('account/unknown-role', 'An account needs at least one role, each once.');
  }
  const { status } = object;
  if (status !== 'active' && status !== 'frozen') {
    throw new AppError('account/bad-status', 'The status of an account is active or frozen.');
  }
  return {
    id: object.id,
    roles,
    name: toNames(object.name, 'account name'),
    key: toPublicKey(object.key),
    ...(object.uscc === undefined ? {} : { uscc: asText(object.uscc, 'uscc', 18) }),
    status,
  };
}
