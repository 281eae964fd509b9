// What every tree asks of its hashes: 32 bytes, and bytewise equality. Nothing here is secret, so comparison may stop early.

import type { Hash } from '../crypto/types.ts';

export const HASH_SIZE_BYTES = 32;

/** True for a Uint8Array of 32 bytes; for input that came from outside. */
export function isHash(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && value.length === HASH_SIZE_BYTES;
}

export function equalHashes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** `tag ‖ a ‖ b`: the preimage of every inner node of the trees. */
export function prefixed(tag: number, a: Uint8Array, b: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + a.length + b.length);
  bytes[0] = tag;
  bytes.set(a, 1);
  bytes.set(b, 1 + a.length);
  return bytes;
}

// A tree update hashes tens of thousands of pairs; one buffer for all of them spares the collector. A hash is synchronous
// and keeps nothing of its input.
const pair = new Uint8Array(1 + 2 * HASH_SIZE_BYTES);

/** `H(tag ‖ a ‖ b)`. */
export function hashPair(hash: Hash, tag: number, a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length !== HASH_SIZE_BYTES || b.length !== HASH_SIZE_BYTES)
    return hash(prefixed(tag, a, b));
  pair[0] = tag;
  pair.set(a, 1);
  pair.set(b, 1 + HASH_SIZE_BYTES);
  return hash(pair);
}
