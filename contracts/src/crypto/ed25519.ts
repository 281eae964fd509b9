// Ed25519, RFC 8032 §5.1, verified strictly: S < L, the equation without the cofactor, R compared as bytes, and a public
// key that is canonically encoded and not of small order. noble's own check multiplies by the cofactor, which OpenSSL
// and most devices do not: such a signature would be valid on a phone and invalid at a gateway.

import { ed25519 } from '@noble/curves/ed25519.js';
import { bytesToNumberLE } from '@noble/curves/utils.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { concatBytes, equalBytes } from '../encoding/bytes.ts';
import { AppError } from '../errors.ts';
import { createKeyCache } from './key-cache.ts';
import type { PublicKey, SecretKey } from './types.ts';

const { Point } = ed25519;
const L = Point.Fn.ORDER;

/** Throws `crypto/bad-key` unless the secret is a seed of 32 bytes. */
export function assertEd25519Secret(secret: SecretKey): void {
  if (!(secret.secret instanceof Uint8Array) || secret.secret.length !== 32) {
    throw new AppError('crypto/bad-key', 'Give an ed25519 secret of 32 bytes.');
  }
}

/** 32 bytes. Throws `crypto/bad-key`. */
export function ed25519PublicKey(secret: SecretKey): PublicKey {
  assertEd25519Secret(secret);
  return { suite: 'ed25519', bytes: ed25519.getPublicKey(secret.secret) };
}

/** R ‖ S, 64 bytes. Throws `crypto/bad-key`. */
export function ed25519Sign(secret: SecretKey, message: Uint8Array): Uint8Array {
  assertEd25519Secret(secret);
  return ed25519.sign(message, secret.secret);
}

/** The point of a public key, or undefined unless it is 32 bytes, canonical, on the curve and not of small order. */
export function ed25519Point(bytes: Uint8Array): InstanceType<typeof Point> | undefined {
  if (bytes.length !== 32) return undefined;
  try {
    const point = Point.fromBytes(bytes, false);
    return point.isSmallOrder() ? undefined : point;
  } catch {
    return undefined;
  }
}

/** RFC 8032 §5.1.7 with [S]B = R + [k]A. Malformed input gives false. */
export function ed25519Verify(key: PublicKey, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== 64) return false;
  const r = signature.subarray(0, 32);
  const s = bytesToNumberLE(signature.subarray(32));
  if (s >= L) return false;
  const known = keys.get(key);
  if (known === undefined) return false;
  const k = bytesToNumberLE(sha512(concatBytes(r, key.bytes, message))) % L;
  const expected = Point.BASE.multiplyUnsafe(s).add(known.key.point.multiplyUnsafe(k));
  const valid = equalBytes(expected.toBytes(), r);
  if (valid) keys.used(known);
  return valid;
}

/** −A, so that [S]B − [k]A is a sum. */
const keys = createKeyCache((key) => {
  const point = ed25519Point(key.bytes)?.negate();
  return point === undefined ? undefined : { point };
});
