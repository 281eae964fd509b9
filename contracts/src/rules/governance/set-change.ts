// Changes of the validator set (docs/formats.md §4): who joins, leaves or takes a new key. Each ends an epoch, so there is one a block.

import { equalBytes } from '../../encoding/bytes.ts';
import type { CborObject } from '../../encoding/types.ts';
import { AppError } from '../../errors.ts';
import { verifySeat } from '../../ledger/validator-proof.ts';
import { toValidators, type Validator } from '../../ledger/validators.ts';
import { VALIDATORS_MAX } from '../../limits.ts';
import { requireAccount } from '../accounts/record.ts';
import type { Effects, RuleContext, StateReader, StateWrite } from '../types.ts';
import {
  retiredKeyKey,
  VALIDATORS_KEY,
  type ValidatorSet,
  validatorSetToValue,
} from './validator-set.ts';

export interface SetChange {
  readonly how: 'join' | 'remove' | 'rotate' | 'leave';
  /** The member concerned. */
  readonly id: string;
  readonly members: readonly Validator[];
  /** Whose key leaves with this change. */
  readonly retired?: Validator;
}

/** Throws `governance/not-a-member`. */
export function requireMember(set: ValidatorSet, id: string): Validator {
  const member = set.members.find((validator) => validator.id === id);
  if (member === undefined) {
    throw new AppError(
      'governance/not-a-member',
      'Only organisations with a validator take part; this account has none.',
      { id },
    );
  }
  return member;
}

/**
 * The set with the newcomer at its end. Throws `governance/already-a-member`, `governance/too-many-members`, `governance/frozen`,
 * `governance/wrong-suite`, `governance/used-key`, `accounts/unknown` or `key/*`.
 */
export function joined(state: StateReader, set: ValidatorSet, newcomer: Validator): SetChange {
  const { id, key } = newcomer;
  if (set.members.some((member) => member.id === id)) {
    throw new AppError('governance/already-a-member', 'The organisation has a validator already.', {
      id,
    });
  }
  if (set.members.length >= VALIDATORS_MAX) {
    throw new AppError(
      'governance/too-many-members',
      `A set has at most ${VALIDATORS_MAX} validators; another has to leave first.`,
    );
  }
  if (requireAccount(state, id).status !== 'active') {
    throw new AppError('governance/frozen', 'The account of the newcomer is frozen.', { id });
  }
  assertFresh(state, set, newcomer);
  return { how: 'join', id, members: [...set.members, { id, key }] };
}

/** The set without the member. Throws `governance/not-a-member` or `governance/last-member`. */
export function without(set: ValidatorSet, id: string, how: 'remove' | 'leave'): SetChange {
  const retired = requireMember(set, id);
  if (set.members.length === 1) {
    throw new AppError('governance/last-member', 'The last validator cannot go.', { id });
  }
  return { how, id, members: set.members.filter((member) => member !== retired), retired };
}

/** The set with another key in the member's place. Throws `governance/not-a-member`, `governance/wrong-suite` or `governance/used-key`. */
export function rotated(state: StateReader, set: ValidatorSet, changed: Validator): SetChange {
  const retired = requireMember(set, changed.id);
  assertFresh(state, set, changed);
  const members = set.members.map((member) => (member === retired ? changed : member));
  return { how: 'rotate', id: changed.id, members, retired };
}

/** Reads `{ id, key }` of a payload. Throws `key/*` or `ledger/bad-validators`. */
export function toNewcomer(value: CborObject): Validator {
  const [validator] = toValidators([value]);
  if (validator === undefined) throw new Error('governance: no validator');
  return validator;
}

/** Throws `governance/bad-proof` unless the key signed for its seat. */
export function assertProof(ctx: RuleContext, seat: Validator, proof: Uint8Array): void {
  if (verifySeat(ctx.crypto, { chainId: ctx.chainId, ...seat }, proof)) return;
  throw new AppError(
    'governance/bad-proof',
    'The proof is no signature by the validator key over this ledger and account; make it where the key is.',
    { id: seat.id },
  );
}

/** Writes the set, which votes from the next block on. Throws `governance/one-change-a-block`. */
export function moveTo(set: ValidatorSet, change: SetChange, ctx: RuleContext): Effects {
  const from = ctx.height + 1;
  if (set.from >= from) {
    throw new AppError(
      'governance/one-change-a-block',
      'The set has changed in this block already; sign it again for the next.',
      { height: ctx.height },
    );
  }
  const next: ValidatorSet = { epoch: set.epoch + 1, from, members: change.members };
  const writes: StateWrite[] = [{ key: VALIDATORS_KEY, value: validatorSetToValue(next) }];
  if (change.retired !== undefined) {
    const { id, key } = change.retired;
    writes.push({ key: retiredKeyKey(key.bytes), value: { id, epoch: set.epoch } });
  }
  const data = { epoch: next.epoch, from, how: change.how, id: change.id };
  return { writes, events: [{ type: 'governance.validators-changed', data }] };
}

/** A key votes for one seat, once: what it signed in another epoch must never count in a later one. */
function assertFresh(state: StateReader, set: ValidatorSet, { id, key }: Validator): void {
  const suite = set.members[0]?.key.suite;
  if (key.suite !== suite) {
    throw new AppError(
      'governance/wrong-suite',
      `The validators of this ledger sign with ${suite}; make a key of that suite.`,
      { id },
    );
  }
  const inSet = set.members.some((member) => equalBytes(member.key.bytes, key.bytes));
  if (inSet || state.get(retiredKeyKey(key.bytes)) !== undefined) {
    throw new AppError(
      'governance/used-key',
      'This key is or was a validator of this ledger; make a new one.',
      { id },
    );
  }
}
