// Signatures that cost nothing and keep nobody out: for tests in which nobody forges.

import { createHash } from 'node:crypto';
import {
  type CryptoProvider,
  concatBytes,
  equalBytes,
  type Hash,
  type SecretKey,
} from '@suyuan/contracts';

export const sha256: Hash = (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest());

export interface CountingCrypto extends CryptoProvider {
  verified: number;
}

export function createFakeCrypto(): CountingCrypto {
  const signatureOf = (key: Uint8Array, message: Uint8Array) => {
    const digest = sha256(concatBytes(key, message));
    return concatBytes(digest, sha256(digest));
  };
  const crypto: CountingCrypto = {
    verified: 0,
    hash: () => sha256,
    publicKeyOf: ({ suite, secret }) => ({ suite, bytes: sha256(secret) }),
    sign: ({ secret }, message) => signatureOf(sha256(secret), message),
    verify(key, message, signature) {
      crypto.verified += 1;
      return equalBytes(signatureOf(key.bytes, message), signature);
    },
  };
  return crypto;
}

export function secretOf(id: string): SecretKey {
  return { suite: 'ed25519', secret: sha256(new TextEncoder().encode(`secret of ${id}`)) };
}
