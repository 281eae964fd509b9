// ES256: ECDSA on P-256 with SHA-256 (FIPS 186-5 §6, RFC 9053 §2.1), signatures as r ‖ s, either s accepted.

import { p256 } from '@noble/curves/nist.js';
import { bytesToNumberBE } from '@noble/curves/utils.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { AppError } from '../errors.ts';
import { createKeyCache } from './key-cache.ts';
import { sumHasX } from './sum-check.ts';
import type { PublicKey, SecretKey } from './types.ts';

const { Point } = p256;
const { Fn } = Point;

// noble's own default for s is the lower half only: not what RFC 6979 computes.
const OPTIONS = { prehash: true, lowS: false, format: 'compact' } as const;

/** Throws `crypto/bad-key` unless the secret is 32 bytes from 1 to n − 1. */
export function assertEs256Secret(secret: SecretKey): void {
  if (!p256.utils.isValidSecretKey(secret.secret)) {
    throw new AppError('crypto/bad-key', 'Give an es256 secret of 32 bytes from 1 to n − 1.');
  }
}

/** 33 bytes, compressed. Throws `crypto/bad-key`. */
export function es256PublicKey(secret: SecretKey): PublicKey {
  assertEs256Secret(secret);
  return { suite: 'es256', bytes: p256.getPublicKey(secret.secret, true) };
}

/** r ‖ s, 64 bytes, with the nonce of RFC 6979. Throws `crypto/bad-key`. */
export function es256Sign(secret: SecretKey, message: Uint8Array): Uint8Array {
  assertEs256Secret(secret);
  return p256.sign(message, secret.secret, OPTIONS);
}

/** True if `signature` is r ‖ s with r, s in 1 … n − 1 and satisfies FIPS 186-5 §6.4.2. Malformed input gives false. */
export function es256Verify(key: PublicKey, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== 64) return false;
  const r = bytesToNumberBE(signature.subarray(0, 32));
  const s = bytesToNumberBE(signature.subarray(32));
  if (!Fn.isValidNot0(r) || !Fn.isValidNot0(s)) return false;
  const known = keys.get(key);
  if (known === undefined) return false;
  const e = Fn.create(bytesToNumberBE(sha256(message)));
  const inverse = Fn.inv(s);
  const [u, v] = [Fn.mul(e, inverse), Fn.mul(r, inverse)];
  const valid = sumHasX(Point, u, v, known.key.point, known.tabled, r);
  if (valid) keys.used(known);
  return valid;
}

const keys = createKeyCache((key) => {
  if (key.bytes.length !== 33) return undefined;
  try {
    return { point: Point.fromBytes(key.bytes) };
  } catch {
    return undefined;
  }
});
