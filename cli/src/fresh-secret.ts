import { randomBytes } from 'node:crypto';
import type { SecretKey, SuiteName } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';

/** A fresh key; a draw outside the suite's scalars (about once in 2^32) is drawn again. */
export function freshSecret(suite: SuiteName, userId?: string): SecretKey {
  for (;;) {
    const secret = {
      suite,
      secret: new Uint8Array(randomBytes(32)),
      ...(userId ? { userId } : {}),
    };
    try {
      nodeCrypto.publicKeyOf(secret);
      return secret;
    } catch {
      // Not a scalar of the curve.
    }
  }
}
