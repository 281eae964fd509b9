import { describe, expect, it } from 'vitest';
import { portableCrypto } from '../crypto/portable.ts';
import { equalBytes } from '../encoding/bytes.ts';
import type { CborValue } from '../encoding/types.ts';
import { codeOf } from '../testing/hostile.ts';
import { quorum, toValidators, validatorsHash, validatorToValue } from './validators.ts';

const hash = portableCrypto.hash('sha256');
const entry = (id: string, byte: number) => ({
  id,
  key: { suite: 'ed25519', key: new Uint8Array(32).fill(byte) },
});

describe('the quorum', () => {
  it('of 1 to 10 validators is ⌊2n/3⌋ + 1', () => {
    expect(Array.from({ length: 10 }, (_, i) => quorum(i + 1))).toEqual([
      1, 2, 3, 3, 4, 5, 5, 6, 7, 7,
    ]);
  });

  it('is more than two thirds, and two quorums share more than a third', () => {
    for (let n = 1; n <= 64; n += 1) {
      const q = quorum(n);
      expect(q).toBeLessThanOrEqual(n);
      expect(3 * q).toBeGreaterThan(2 * n);
      expect(3 * (2 * q - n)).toBeGreaterThan(n);
    }
  });
});

describe('a validator set', () => {
  it('round trips', () => {
    const value = [entry('v1', 1), entry('v2', 2)];
    expect(toValidators(value).map(validatorToValue)).toEqual(value);
  });

  it('is named by its members and their order', () => {
    const set = toValidators([entry('v1', 1), entry('v2', 2)]);
    const name = validatorsHash(hash, set);
    expect(name).toHaveLength(32);
    expect(equalBytes(name, validatorsHash(hash, [...set].reverse()))).toBe(false);
    expect(equalBytes(name, validatorsHash(hash, set.slice(1)))).toBe(false);
  });

  it.each<[string, CborValue | undefined, string]>([
    ['of nobody', [], 'ledger/bad-validators'],
    ['with an id twice', [entry('v1', 1), entry('v1', 2)], 'ledger/bad-validators'],
    ['with a key twice', [entry('v1', 1), entry('v2', 1)], 'ledger/bad-validators'],
    ['whose id is no account id', [entry('V/1', 1)], 'ledger/bad-validators'],
    ['of 65', Array.from({ length: 65 }, (_, i) => entry(`v${i}`, i)), 'format/invalid'],
    ['with a field more', [{ ...entry('v1', 1), weight: 2 }], 'format/invalid'],
    ['that is a map', {}, 'format/invalid'],
    ['that is absent', undefined, 'format/invalid'],
  ])('%s is refused', (_, value, code) => {
    expect(codeOf(() => toValidators(value))).toBe(code);
  });

  it('does not let one sm2 key vote under two user ids', () => {
    const key = { suite: 'sm2', key: new Uint8Array(33).fill(2) };
    const twice = [
      { id: 'v1', key },
      { id: 'v2', key: { ...key, userId: 'second' } },
    ];
    expect(codeOf(() => toValidators(twice))).toBe('ledger/bad-validators');
  });
});
