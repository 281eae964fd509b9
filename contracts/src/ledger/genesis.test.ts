import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { portableCrypto as crypto } from '../crypto/portable.ts';
import { equalBytes } from '../encoding/bytes.ts';
import { decodeCbor, encodeCbor } from '../encoding/cbor.ts';
import type { CborObject, CborValue } from '../encoding/types.ts';
import { bentBytes, codeOf } from '../testing/hostile.ts';
import { createTestChain } from '../testing/test-chain.ts';
import { decodeGenesis, encodeGenesis, openGenesis } from './genesis.ts';

const { genesis: bytes } = createTestChain();
const value = decodeCbor(bytes) as CborObject;
const change = (fields: CborObject) => encodeCbor({ ...value, ...fields });

describe('a genesis', () => {
  it('round trips to the same bytes', () => {
    expect(encodeGenesis(decodeGenesis(bytes))).toEqual(bytes);
  });

  it('names its chain by its bytes and by its own profile’s hash', () => {
    const international = openGenesis(crypto, bytes);
    const guomi = openGenesis(crypto, createTestChain({ profile: 'guomi' }).genesis);
    expect(international.hash(bytes)).toEqual(crypto.hash('sha256')(bytes));
    expect(guomi.hash(bytes)).toEqual(crypto.hash('sm3')(bytes));
    const renamed = openGenesis(crypto, change({ name: 'test2' }));
    expect(equalBytes(renamed.chainId, international.chainId)).toBe(false);
  });

  const validators = value.validators as CborValue[];
  const accounts = value.accounts as CborValue[];
  it.each<[string, CborObject, string]>([
    ['version 2', { v: 2 }, 'ledger/bad-genesis'],
    ['another profile', { profile: 'constructor' }, 'ledger/bad-genesis'],
    ['a profile of other validator keys', { profile: 'guomi' }, 'ledger/bad-genesis'],
    ['no validator', { validators: [] }, 'ledger/bad-validators'],
    ['no account', { accounts: [] }, 'ledger/bad-genesis'],
    ['a validator without an account', { accounts: accounts.slice(1) }, 'ledger/bad-genesis'],
    ['an account twice', { accounts: [accounts[0] ?? 0, accounts[0] ?? 0] }, 'ledger/bad-genesis'],
    [
      'a validator twice',
      { validators: [...validators, validators[0] ?? 0] },
      'ledger/bad-validators',
    ],
    ['a negative time', { time: -1 }, 'format/invalid'],
    ['a long name', { name: 'x'.repeat(65) }, 'format/invalid'],
    ['no rules', { rules: undefined }, 'format/invalid'],
    ['a field more', { extra: 1 }, 'format/invalid'],
  ])('with %s is refused', (_, fields, code) => {
    expect(codeOf(() => decodeGenesis(change(fields)))).toBe(code);
  });

  it('bent anywhere is another chain or none', () => {
    const { chainId } = openGenesis(crypto, bytes);
    fc.assert(
      fc.property(bentBytes(bytes), (bent) => {
        codeOf(() => expect(equalBytes(openGenesis(crypto, bent).chainId, chainId)).toBe(false));
      }),
    );
  });
});
