// Public keys as they stand in genesis and state (docs/formats.md §1, `public-key`).

import type { PublicKey, SuiteName } from '../crypto/types.ts';
import { asBytes, asObject, asText, onlyKeys } from '../encoding/read.ts';
import type { CborObject, CborValue } from '../encoding/types.ts';
import { AppError } from '../errors.ts';

const KEY_SIZE_BYTES: Record<SuiteName, number> = { sm2: 33, es256: 33, ed25519: 32 };
const USER_ID_SIZE_MAX = 64;

export function isSuiteName(value: unknown): value is SuiteName {
  return value === 'sm2' || value === 'es256' || value === 'ed25519';
}

/** Reads a key's form; whether it is a point of the curve shows when a signature is verified. Throws `key/*` or `format/*`. */
export function toPublicKey(value: CborValue | undefined): PublicKey {
  const object = asObject(value, 'public key');
  onlyKeys(object, ['suite', 'key', 'userId'], 'public key');
  const { suite } = object;
  if (!isSuiteName(suite)) {
    throw new AppError('key/unknown-suite', 'The suite of a key must be sm2, es256 or ed25519.');
  }
  const bytes = asBytes(object.key, 'public key', KEY_SIZE_BYTES[suite]);
  if (object.userId === undefined) return { suite, bytes };
  if (suite !== 'sm2') throw new AppError('key/user-id', 'Only sm2 keys have a user id.');
  const userId = asText(object.userId, 'user id', USER_ID_SIZE_MAX);
  if (userId === '')
    throw new AppError('key/user-id', 'A user id that is given must not be empty.');
  return { suite, bytes, userId };
}

export function publicKeyToValue(key: PublicKey): CborObject {
  return {
    suite: key.suite,
    key: key.bytes,
    ...(key.userId === undefined ? {} : { userId: key.userId }),
  };
}
