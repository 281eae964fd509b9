// Validator sets and quorum (docs/formats.md §4).

import { tagged } from '../crypto/tagged.ts';
import type { Hash, PublicKey } from '../crypto/types.ts';
import { encodeCbor } from '../encoding/cbor.ts';
import { asArray, asObject, onlyKeys } from '../encoding/read.ts';
import type { CborValue } from '../encoding/types.ts';
import { AppError } from '../errors.ts';
import { VALIDATORS_MAX } from '../limits.ts';
import { isAccountId } from './account.ts';
import { publicKeyToValue, toPublicKey } from './public-key.ts';

/** A member of the consortium that votes on blocks; `id` is its account. */
export interface Validator {
  readonly id: string;
  readonly key: PublicKey;
}

/** Votes that make a certificate among `n` validators: ⌊2n/3⌋ + 1, so that two quorums share an honest one when f < n/3. */
export function quorum(n: number): number {
  return Math.floor((2 * n) / 3) + 1;
}

export function validatorToValue(validator: Validator): CborValue {
  return { id: validator.id, key: publicKeyToValue(validator.key) };
}

/** Reads a set of 1 to 64 validators. Throws `ledger/bad-validators` or `format/*`. No id and no key may come twice. */
export function toValidators(value: CborValue | undefined): Validator[] {
  const list = asArray(value, 'validators', VALIDATORS_MAX).map((entry) => {
    const object = asObject(entry, 'validator');
    onlyKeys(object, ['id', 'key'], 'validator');
    if (!isAccountId(object.id)) {
      throw new AppError('ledger/bad-validators', 'The id of a validator must be an account id.');
    }
    return { id: object.id, key: toPublicKey(object.key) };
  });
  const ids = new Set(list.map((v) => v.id));
  const keys = new Set(list.map((v) => `${v.key.suite}:${v.key.bytes.join()}`));
  if (list.length === 0 || ids.size !== list.length || keys.size !== list.length) {
    throw new AppError(
      'ledger/bad-validators',
      'A validator set needs at least one member, each id and key once.',
    );
  }
  return list;
}

/** 32 bytes that name a validator set, its order included. */
export function validatorsHash(hash: Hash, validators: readonly Validator[]): Uint8Array {
  return tagged(hash, 'suyuan/validators/1', encodeCbor(validators.map(validatorToValue)));
}
