import { describe, expect, it } from 'vitest';
import type { CborValue } from '../encoding/types.ts';
import { codeOf } from '../testing/hostile.ts';
import { isSuiteName, publicKeyToValue, toPublicKey } from './public-key.ts';

const bytes = (n: number) => new Uint8Array(n).fill(2);

describe('a public key', () => {
  it.each<CborValue>([
    { suite: 'sm2', key: bytes(33) },
    { suite: 'sm2', key: bytes(33), userId: 'device@example' },
    { suite: 'es256', key: bytes(33) },
    { suite: 'ed25519', key: bytes(32) },
  ])('round trips: %o', (value) => {
    expect(publicKeyToValue(toPublicKey(value))).toEqual(value);
  });

  it.each<[string, CborValue | undefined, string]>([
    ['of no suite', { key: bytes(33) }, 'key/unknown-suite'],
    ['of another suite', { suite: 'rsa', key: bytes(33) }, 'key/unknown-suite'],
    ['of 65 bytes', { suite: 'sm2', key: bytes(65) }, 'format/invalid'],
    ['of 33 bytes for ed25519', { suite: 'ed25519', key: bytes(33) }, 'format/invalid'],
    ['with an empty user id', { suite: 'sm2', key: bytes(33), userId: '' }, 'key/user-id'],
    ['with a user id for es256', { suite: 'es256', key: bytes(33), userId: 'x' }, 'key/user-id'],
    [
      'with a long user id',
      { suite: 'sm2', key: bytes(33), userId: 'x'.repeat(65) },
      'format/invalid',
    ],
    ['with a field more', { suite: 'sm2', key: bytes(33), alg: 1 }, 'format/invalid'],
    ['that is absent', undefined, 'format/invalid'],
    ['that is bytes', bytes(33), 'format/invalid'],
  ])('%s is refused', (_, value, code) => {
    expect(codeOf(() => toPublicKey(value))).toBe(code);
  });

  it('names three suites', () => {
    expect(['sm2', 'es256', 'ed25519', 'SM2', 'toString', 1].map(isSuiteName)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});
