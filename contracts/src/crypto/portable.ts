// The cryptography of the house in plain JavaScript: runs in a browser, a worker and Node alike.

import { sha256 } from '@noble/hashes/sha2.js';
import { AppError } from '../errors.ts';
import { ed25519PublicKey, ed25519Sign, ed25519Verify } from './ed25519.ts';
import { es256PublicKey, es256Sign, es256Verify } from './es256.ts';
import { sm2PublicKey, sm2Sign, sm2Verify } from './sm2.ts';
import { sm3 } from './sm3.ts';
import type { CryptoProvider, Hash, HashName, PublicKey, SecretKey, SuiteName } from './types.ts';

/** One signature scheme. `verify` may throw on input that is not even bytes: the provider turns that into false. */
interface Suite {
  publicKeyOf(secret: SecretKey): PublicKey;
  sign(secret: SecretKey, message: Uint8Array): Uint8Array;
  verify(key: PublicKey, message: Uint8Array, signature: Uint8Array): boolean;
}

const SUITES: ReadonlyMap<SuiteName, Suite> = new Map([
  ['sm2', { publicKeyOf: sm2PublicKey, sign: sm2Sign, verify: sm2Verify }],
  ['es256', { publicKeyOf: es256PublicKey, sign: es256Sign, verify: es256Verify }],
  ['ed25519', { publicKeyOf: ed25519PublicKey, sign: ed25519Sign, verify: ed25519Verify }],
]);

const HASHES: Readonly<Record<HashName, Hash>> = {
  sm3: (data) => sm3(data),
  sha256: (data) => sha256(data),
};

function suiteOf(secret: SecretKey): Suite {
  const suite = SUITES.get(secret.suite);
  if (suite === undefined) {
    throw new AppError('crypto/bad-key', 'Name one of the suites sm2, es256 and ed25519.');
  }
  return suite;
}

/** Signs deterministically (RFC 6979, RFC 8032). Secrets pass through JavaScript integers, whose timing may show them:
 * sign where nobody measures, or in a secure element. A `SecretKey` object must not be changed after its first use. */
export const portableCrypto: CryptoProvider = {
  hash: (name) => HASHES[name],
  publicKeyOf: (secret) => suiteOf(secret).publicKeyOf(secret),
  sign: (secret, message) => suiteOf(secret).sign(secret, message),
  verify(key, message, signature) {
    try {
      return SUITES.get(key.suite)?.verify(key, message, signature) ?? false;
    } catch {
      return false;
    }
  },
};
