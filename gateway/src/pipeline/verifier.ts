import type { AsyncCryptoProvider, CryptoProvider, PublicKey } from '@suyuan/contracts';
import { createSm2Pool } from './sm2-pool.ts';

/** Verifies off the main thread: ES256 and Ed25519 on Node's pool, SM2 on threads of our own. */
export interface Verifier {
  verify(
    deviceId: string,
    key: PublicKey,
    message: Uint8Array,
    signature: Uint8Array,
  ): Promise<boolean>;
  close(): Promise<void>;
}

/** With `sm2Workers` 0 SM2 is verified where `crypto` does it. */
export function createVerifier(crypto: AsyncCryptoProvider, sm2Workers: number): Verifier {
  const pool = sm2Workers > 0 ? createSm2Pool(sm2Workers) : undefined;
  return {
    verify(deviceId, key, message, signature) {
      if (key.suite === 'sm2' && pool !== undefined) {
        return pool.verify(deviceId, key, message, signature);
      }
      return crypto.verifyAsync(key, message, signature);
    },
    close: async () => pool?.close(),
  };
}

interface Postponed {
  readonly key: PublicKey;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * Runs a synchronous check of contracts with its signature taken as valid, then verifies that signature off the main
 * thread. True if both pass; the check's AppError passes through.
 */
export async function verifyLater(
  crypto: CryptoProvider,
  verifier: Verifier,
  deviceId: string,
  check: (crypto: CryptoProvider) => void,
): Promise<boolean> {
  const postponed: Postponed[] = [];
  check({
    ...crypto,
    verify(key, message, signature) {
      postponed.push({ key, message, signature });
      return true;
    },
  });
  const results = await Promise.all(
    postponed.map(({ key, message, signature }) =>
      verifier.verify(deviceId, key, message, signature),
    ),
  );
  // A check that asked for no signature proves nothing.
  return results.length > 0 && results.every(Boolean);
}
