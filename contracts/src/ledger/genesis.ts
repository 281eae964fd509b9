// The genesis (docs/formats.md §4): profile, first validators and first accounts. Its hash is the chain's id, and the one
// thing that a verifier has to be given.

import { tagged } from '../crypto/tagged.ts';
import type { CryptoProvider, Hash } from '../crypto/types.ts';
import { decodeCbor, encodeCbor } from '../encoding/cbor.ts';
import { asArray, asObject, asText, asUint, onlyKeys } from '../encoding/read.ts';
import { AppError } from '../errors.ts';
import { VALIDATORS_MAX } from '../limits.ts';
import { type Account, accountToValue, toAccount } from './account.ts';
import { isProfile, type Profile, profileHash, validatorSuite } from './profile.ts';
import { toValidators, type Validator, validatorToValue } from './validators.ts';

export interface Genesis {
  readonly name: string;
  readonly profile: Profile;
  readonly time_ms: number;
  readonly rules: number;
  readonly validators: readonly Validator[];
  readonly accounts: readonly Account[];
}

export function encodeGenesis(genesis: Genesis): Uint8Array {
  return encodeCbor({
    v: 1,
    name: genesis.name,
    profile: genesis.profile,
    time: genesis.time_ms,
    rules: genesis.rules,
    validators: genesis.validators.map(validatorToValue),
    accounts: genesis.accounts.map(accountToValue),
  });
}

/** Throws `ledger/bad-genesis`, `ledger/bad-validators`, `key/*`, `cbor/*` or `format/*`. */
export function decodeGenesis(bytes: Uint8Array): Genesis {
  const object = asObject(decodeCbor(bytes), 'genesis');
  onlyKeys(object, ['v', 'name', 'profile', 'time', 'rules', 'validators', 'accounts'], 'genesis');
  if (object.v !== 1)
    throw new AppError('ledger/bad-genesis', 'This genesis is of another version than 1.');
  const { profile } = object;
  if (!isProfile(profile)) {
    throw new AppError('ledger/bad-genesis', 'The profile must be guomi or international.');
  }
  const validators = toValidators(object.validators);
  if (validators.some((v) => v.key.suite !== validatorSuite(profile))) {
    throw new AppError(
      'ledger/bad-genesis',
      `Validators of profile ${profile} sign with ${validatorSuite(profile)}.`,
    );
  }
  const accounts = asArray(object.accounts, 'accounts', VALIDATORS_MAX).map(toAccount);
  if (accounts.length === 0 || new Set(accounts.map((a) => a.id)).size !== accounts.length) {
    throw new AppError('ledger/bad-genesis', 'A genesis needs at least one account, each id once.');
  }
  const mute = validators.find(({ id }) => accounts.every((account) => account.id !== id));
  if (mute !== undefined) {
    throw new AppError(
      'ledger/bad-genesis',
      `Validator ${mute.id} has no account in the genesis: it could never take part in governance. Add its account under the same id.`,
      { validator: mute.id },
    );
  }
  return {
    name: asText(object.name, 'name', 64),
    profile,
    time_ms: asUint(object.time, 'time'),
    rules: asUint(object.rules, 'rules'),
    validators,
    accounts,
  };
}

/** 32 bytes, the chain's id, under the profile that the genesis itself names. */
export function chainIdOf(hash: Hash, genesisBytes: Uint8Array): Uint8Array {
  return tagged(hash, 'suyuan/genesis/1', genesisBytes);
}

/** Decodes a genesis and names its chain. Throws as `decodeGenesis`. */
export function openGenesis(
  crypto: CryptoProvider,
  bytes: Uint8Array,
): { genesis: Genesis; hash: Hash; chainId: Uint8Array } {
  const genesis = decodeGenesis(bytes);
  const hash = profileHash(crypto, genesis.profile);
  return { genesis, hash, chainId: chainIdOf(hash, bytes) };
}
