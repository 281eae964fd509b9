// The part of the state that a bundle shows, each entry proven against one certified state root.

import type { Hash } from '../crypto/types.ts';
import { decodeCbor } from '../encoding/cbor.ts';
import type { CborValue } from '../encoding/types.ts';
import { AppError } from '../errors.ts';
import { verifyAbsence, verifyPresence } from '../merkle/state-proof.ts';
import type { StateReader } from '../rules/types.ts';
import type { StateEntry } from './bundle.ts';

/** A reader of proven entries that also lists them. A key that the bundle does not show reads as undefined. */
export interface ProvenState extends StateReader {
  /** Whether the bundle proves the key present or absent; of any other key nothing is known. */
  shows(key: string): boolean;
  /** The present values whose key starts with `prefix`, by ascending key. */
  list(prefix: string): readonly (readonly [key: string, value: CborValue])[];
}

/** Verifies every entry. Throws `bundle/state-order`, `state-proof/*` or `cbor/*`. */
export function proveEntries(
  hash: Hash,
  root: Uint8Array,
  entries: readonly StateEntry[],
): ProvenState {
  const values = new Map<string, CborValue>();
  const shown = new Set<string>();
  let last = '';
  for (const { key, value, proof } of entries) {
    if (key <= last)
      throw new AppError('bundle/state-order', 'The state entries must ascend by key, each once.');
    last = key;
    shown.add(key);
    if (value === null) verifyAbsence(hash, root, key, proof);
    else {
      verifyPresence(hash, root, key, value, proof);
      values.set(key, decodeCbor(value));
    }
  }
  return {
    get: (key) => values.get(key),
    shows: (key) => shown.has(key),
    list: (prefix) => [...values].filter(([key]) => key.startsWith(prefix)),
  };
}
