// Test cases only: Ed25519 keys and signatures on which implementations of RFC 8032 are known to differ.

import { ed25519 } from '@noble/curves/ed25519.js';
import { bytesToNumberLE, numberToBytesLE } from '@noble/curves/utils.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { concatBytes } from '../encoding/bytes.ts';

const { Point } = ed25519;
const L = Point.Fn.ORDER;

/** Hex of a public key, and what is wrong with it. */
export const NOT_STRICT_KEYS: [string, string][] = [
  [`01${'00'.repeat(31)}`, 'the neutral point'],
  [`ec${'ff'.repeat(30)}7f`, 'order 2'],
  ['00'.repeat(32), 'order 4'],
  [`${'00'.repeat(31)}80`, 'order 4'],
  ['26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', 'order 8'],
  ['26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85', 'order 8'],
  ['c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a', 'order 8'],
  ['c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa', 'order 8'],
  [`01${'00'.repeat(30)}80`, 'x = 0 with a sign'],
  [`ec${'ff'.repeat(31)}`, 'x = 0 with a sign'],
  [`ed${'ff'.repeat(30)}7f`, 'y = p'],
  [`ee${'ff'.repeat(30)}7f`, 'y = p + 1'],
  [`ed${'ff'.repeat(31)}`, 'y = p with a sign'],
  ['ff'.repeat(32), 'y = 2^255 − 1'],
  [`02${'00'.repeat(31)}`, 'no point'],
];

/**
 * The i-th signature by a key with a component of order 8: it always satisfies the equation multiplied by the cofactor, and the
 * plain one only where `k`, the challenge, is divisible by 8.
 */
export function cofactoredForgery(i: number) {
  const torsion = Point.fromHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a');
  const [a, r] = [123_456_789n, 987_654_321n];
  const key = Point.BASE.multiply(a).add(torsion).toBytes();
  const R = Point.BASE.multiply(r).toBytes();
  const message = Uint8Array.of(i);
  const k = bytesToNumberLE(sha512(concatBytes(R, key, message))) % L;
  const signature = concatBytes(R, numberToBytesLE((r + k * a) % L, 32));
  return { key, message, signature, k };
}
