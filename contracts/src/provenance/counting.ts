// A provider that counts, for the "checked on your phone" line: what is shown is what was really computed here.

import type { CryptoProvider, Hash, HashName } from '../crypto/types.ts';

export interface Counts {
  signatures: number;
  hashes: number;
}

/** Wraps `crypto` so that `counts` grows with every hash and every verified signature. */
export function countingCrypto(crypto: CryptoProvider, counts: Counts): CryptoProvider {
  return {
    hash(name: HashName): Hash {
      const hash = crypto.hash(name);
      return (data) => {
        counts.hashes += 1;
        return hash(data);
      };
    },
    publicKeyOf: (secret) => crypto.publicKeyOf(secret),
    sign: (secret, message) => crypto.sign(secret, message),
    verify(key, message, signature) {
      counts.signatures += 1;
      return crypto.verify(key, message, signature);
    },
  };
}
