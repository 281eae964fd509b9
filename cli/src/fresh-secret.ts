import { randomBytes } from 'node:crypto';
import type { SecretKey, SuiteName } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';

/** Of SM2, P-256 and Ed25519 alike, one draw in 2^32 at most is no secret: two in a row mean something else is wrong. */
const DRAWS = 8;

/** A fresh key. Throws what the suite throws on a user id that it does not take. */
export function freshSecret(suite: SuiteName, userId?: string): SecretKey {
  for (let draw = 1; ; draw += 1) {
    const secret = {
      suite,
      secret: new Uint8Array(randomBytes(32)),
      ...(userId === undefined ? {} : { userId }),
    };
    try {
      nodeCrypto.publicKeyOf(secret);
      return secret;
    } catch (error) {
      if (draw === DRAWS) throw error;
    }
  }
}
