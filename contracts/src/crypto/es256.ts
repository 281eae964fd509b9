// ES256: ECDSA on P-256 with SHA-256 (FIPS 186-5 §6, RFC 9053 §2.1), signatures as r ‖ s, either s accepted.

import { p256 } from '@noble/curves/nist.js';
import { AppError } from '../errors.ts';
import type { PublicKey, SecretKey } from './types.ts';

// noble's own default for s is the lower half only, which secure elements and WebCrypto do not keep to.
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

/** True if `signature` is r ‖ s with r, s in 1 … n − 1 and valid. Malformed input gives false. */
export function es256Verify(key: PublicKey, message: Uint8Array, signature: Uint8Array): boolean {
  if (key.bytes.length !== 33 || signature.length !== 64) return false;
  return p256.verify(signature, message, key.bytes, OPTIONS);
}
