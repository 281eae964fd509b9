// The validator set in the state (docs/formats.md §5): who votes from which height on.

import { bytesToHex } from '../../encoding/bytes.ts';
import type { CborObject, CborValue } from '../../encoding/types.ts';
import { AppError } from '../../errors.ts';
import { toValidators, type Validator, validatorToValue } from '../../ledger/validators.ts';
import type { StateReader } from '../types.ts';

export const VALIDATORS_KEY = 'validators';

/** The set of one epoch, as it stands in the state under `validators`. */
export interface ValidatorSet {
  /** 0 from the genesis on, one more with every change. */
  readonly epoch: number;
  /** Height of the first block that it votes on. */
  readonly from: number;
  /** In certificate order. */
  readonly members: readonly Validator[];
}

/** Where a validator key that has left the set stands: it may not come back. */
export function retiredKeyKey(key: Uint8Array): string {
  return `validator-keys/${bytesToHex(key)}`;
}

/** When a member last took a new key on its own word stands here: `{ at }`, of the block. */
export function rotationKey(id: string): string {
  return `rotations/${id}`;
}

export function validatorSetToValue(set: ValidatorSet): CborObject {
  return { epoch: set.epoch, from: set.from, members: set.members.map(validatorToValue) };
}

/** The set after the last change; it votes on the blocks from `from` on. Throws `ledger/bad-validators` where the state holds none. */
export function getValidators(state: StateReader): ValidatorSet {
  const value = state.get(VALIDATORS_KEY);
  if (value === undefined) {
    throw new AppError(
      'ledger/bad-validators',
      'The state names no validators: it does not begin with a genesis of these rules.',
    );
  }
  const { epoch, from, members } = value as { epoch: number; from: number; members: CborValue };
  return { epoch, from, members: toValidators(members) };
}

/** Whether the account has a validator. */
export function isMember(state: StateReader, id: string): boolean {
  const value = state.get(VALIDATORS_KEY) as { members: readonly { id: string }[] } | undefined;
  return value?.members.some((member) => member.id === id) === true;
}
