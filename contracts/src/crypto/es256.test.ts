import { p256 } from '@noble/curves/nist.js';
import { numberToBytesBE } from '@noble/curves/utils.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { describe, expect, it } from 'vitest';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '../encoding/bytes.ts';
import { es256PublicKey, es256Sign, es256Verify } from './es256.ts';
import type { SecretKey } from './types.ts';

// RFC 6979 A.2.5
const secret: SecretKey = {
  suite: 'es256',
  secret: hexToBytes('c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721'),
};
const VECTORS: [string, string, string][] = [
  [
    'sample',
    'efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716',
    'f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8',
  ],
  [
    'test',
    'f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367',
    '019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083',
  ],
];
const n = p256.Point.Fn.ORDER;
const bytes32 = (value: bigint) => numberToBytesBE(value, 32);
const key = es256PublicKey(secret);

describe('ES256', () => {
  it.each(VECTORS)('signs %s as RFC 6979 does, and verifies it with either s', (text, r, s) => {
    const message = utf8ToBytes(text);
    expect(bytesToHex(key.bytes)).toBe(
      '0360fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6',
    );
    expect(bytesToHex(es256Sign(secret, message))).toBe(r + s);
    expect(es256Verify(key, message, hexToBytes(r + s))).toBe(true);
    const other = concatBytes(hexToBytes(r), bytes32(n - BigInt(`0x${s}`)));
    expect(es256Verify(key, message, other)).toBe(true);
    expect(es256Verify(key, utf8ToBytes(`${text}.`), hexToBytes(r + s))).toBe(false);
  });

  it('verifies the same with a table of the key as without', () => {
    const message = utf8ToBytes('sample');
    const signature = hexToBytes(VECTORS[0]![1] + VECTORS[0]![2]);
    const flipped = signature.slice();
    flipped[63]! ^= 1;
    for (let i = 0; i < 8; i++) {
      expect(es256Verify(key, message, signature)).toBe(true);
      expect(es256Verify(key, message, flipped)).toBe(false);
      expect(es256Verify(key, utf8ToBytes('samplE'), signature)).toBe(false);
    }
  });

  it('refuses a sum at infinity, which has no x', () => {
    // e + r·d = 0 makes u·G + v·P the point at infinity.
    const e = BigInt(`0x${bytesToHex(sha256(utf8ToBytes('sample')))}`);
    const { Fn } = p256.Point;
    const r = Fn.div(Fn.neg(Fn.create(e)), BigInt(`0x${bytesToHex(secret.secret)}`));
    expect(es256Verify(key, utf8ToBytes('sample'), concatBytes(bytes32(r), bytes32(1n)))).toBe(
      false,
    );
  });

  it('takes secrets from 1 to n − 1', () => {
    for (const d of [1n, n - 1n]) {
      expect(es256Sign({ suite: 'es256', secret: bytes32(d) }, new Uint8Array())).toHaveLength(64);
    }
    for (const bad of [
      bytes32(0n),
      bytes32(n),
      new Uint8Array(31).fill(1),
      new Uint8Array(33).fill(1),
    ]) {
      expect(() => es256Sign({ suite: 'es256', secret: bad }, new Uint8Array())).toThrow(
        /^Give an es256/,
      );
      expect(() => es256PublicKey({ suite: 'es256', secret: bad })).toThrow(/^Give an es256/);
    }
  });
});
