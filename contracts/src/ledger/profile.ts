// The ledger's profile (DESIGN: Formats): which hash the trees use and which suite validators sign with.

import type { CryptoProvider, Hash, HashName, SuiteName } from '../crypto/types.ts';

export type Profile = 'guomi' | 'international';

const PROFILES: Record<Profile, { hash: HashName; suite: SuiteName }> = {
  guomi: { hash: 'sm3', suite: 'sm2' },
  international: { hash: 'sha256', suite: 'ed25519' },
};

/** True for the two profiles of docs/formats.md §4. */
export function isProfile(value: unknown): value is Profile {
  return value === 'guomi' || value === 'international';
}

/** The suite that validators of the profile sign with. */
export function validatorSuite(profile: Profile): SuiteName {
  return PROFILES[profile].suite;
}

/** The hash that all trees and tagged hashes of the profile use. */
export function profileHash(crypto: CryptoProvider, profile: Profile): Hash {
  return crypto.hash(PROFILES[profile].hash);
}
