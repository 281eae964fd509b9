// The two hashes of the log tree (docs/formats.md §2, RFC 9162 §2.1.1): the prefixes keep a leaf from passing as a node.

import type { Hash } from '../crypto/types.ts';
import { hashPair, prefixed } from './hash-bytes.ts';

const NOTHING = new Uint8Array(0);

/** `H(0x00 ‖ data)`, 32 bytes, of any bytes. */
export function leafHash(hash: Hash, data: Uint8Array): Uint8Array {
  return hash(prefixed(0x00, data, NOTHING));
}

/** `H(0x01 ‖ left ‖ right)`, 32 bytes, of two hashes of 32 bytes. */
export function nodeHash(hash: Hash, left: Uint8Array, right: Uint8Array): Uint8Array {
  return hashPair(hash, 0x01, left, right);
}
