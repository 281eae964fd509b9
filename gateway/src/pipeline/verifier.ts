import type { AsyncCryptoProvider, CryptoProvider, PublicKey } from '@suyuan/contracts';
import { createThreadedCrypto } from '@suyuan/contracts/node';
import { gatewayError } from '../errors.ts';

/** Verifies off the main thread: ES256 and Ed25519 on Node's pool, SM2 on threads. Rejects with `gateway/stopped`. */
export interface Verifier {
  verify(
    deviceId: string,
    key: PublicKey,
    message: Uint8Array,
    signature: Uint8Array,
  ): Promise<boolean>;
  close(): Promise<void>;
}

/** Above what may be in flight, so that a pack waits and is never turned away for want of room here. */
const SM2_QUEUE_MAX = 4 * 65_536;

/** With `sm2Workers` 0 SM2 is verified where `crypto` does it: on the threads of the process, when it shares them. */
export function createVerifier(crypto: AsyncCryptoProvider, sm2Workers: number): Verifier {
  const threads =
    sm2Workers > 0
      ? createThreadedCrypto({ workers: sm2Workers, queueMax: SM2_QUEUE_MAX })
      : undefined;
  const provider = threads ?? crypto;
  return {
    async verify(_deviceId, key, message, signature) {
      try {
        return await provider.verifyAsync(key, message, signature);
      } catch (error) {
        // Unchecked is not bad: the pack is not acknowledged and comes again.
        throw gatewayError(
          'gateway/stopped',
          'The signature was not checked; send it again.',
          {},
          error,
        );
      }
    },
    close: async () => threads?.close(),
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
  verifier: Pick<Verifier, 'verify'>,
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
