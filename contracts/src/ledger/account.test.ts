import { describe, expect, it } from 'vitest';
import type { CborObject } from '../encoding/types.ts';
import { codeOf } from '../testing/hostile.ts';
import { accountToValue, isAccountId, ROLES, toAccount } from './account.ts';

const value: CborObject = {
  id: 'coop-1.xinhui',
  roles: ['grower', 'processor'],
  name: { zh: '合作社', en: 'Co-op' },
  key: { suite: 'ed25519', key: new Uint8Array(32) },
  uscc: '91440705MA4W1AAAAA',
  status: 'active',
};

describe('an account', () => {
  it('round trips, with and without its credit code', () => {
    const { uscc: _, ...person } = value;
    expect(accountToValue(toAccount(value))).toEqual(value);
    expect(accountToValue(toAccount(person))).toEqual(person);
    expect(toAccount({ ...value, roles: ROLES }).roles).toEqual(ROLES);
  });

  it.each<[string, CborObject, string]>([
    ['capitals in its id', { id: 'Coop' }, 'account/bad-id'],
    ['a slash in its id', { id: 'a/b' }, 'account/bad-id'],
    ['no id', { id: undefined }, 'account/bad-id'],
    ['no role', { roles: [] }, 'account/unknown-role'],
    ['a role twice', { roles: ['shop', 'shop'] }, 'account/unknown-role'],
    ['an unknown role', { roles: ['king'] }, 'account/unknown-role'],
    ['a role of every object', { roles: ['constructor'] }, 'account/unknown-role'],
    ['roles that are no array', { roles: 'shop' }, 'format/invalid'],
    ['another status', { status: 'gone' }, 'account/bad-status'],
    ['one name only', { name: { zh: '甲' } }, 'format/invalid'],
    ['a blank name', { name: { zh: '甲', en: ' ' } }, 'format/invalid'],
    ['a long name', { name: { zh: '甲'.repeat(65), en: 'A' } }, 'format/invalid'],
    ['a third name', { name: { zh: '甲', en: 'A', fr: 'A' } }, 'format/invalid'],
    ['a long credit code', { uscc: '9'.repeat(19) }, 'format/invalid'],
    ['a key of another size', { key: { suite: 'sm2', key: new Uint8Array(32) } }, 'format/invalid'],
    ['a field more', { admin: true }, 'format/invalid'],
  ])('with %s is refused', (_, change, code) => {
    expect(codeOf(() => toAccount({ ...value, ...change }))).toBe(code);
  });

  it('has an id of 2 to 63 characters', () => {
    for (const id of ['a1', '0a', 'a'.repeat(63)]) expect(isAccountId(id)).toBe(true);
    for (const id of ['a', '-a', '.a', 'a'.repeat(64), 'a\n', 'é1', 7, null])
      expect(isAccountId(id)).toBe(false);
  });
});
