// The state after one block as rules read it, each value decoded once: accounts, products and places come again with every transaction.

import type { CborValue, LedgerState } from '@suyuan/contracts';
import type { Snapshot } from '../storage/database.ts';
import { stateReader } from '../storage/state.ts';

/** A recall reads half a million keys once each: these are not worth keeping. */
const VALUES_MAX = 8_192;

export function cachedState(view: Snapshot): LedgerState {
  const state = stateReader(view);
  const values = new Map<string, CborValue | undefined>();
  return {
    get(key) {
      const known = values.get(key);
      if (known !== undefined || values.has(key)) return known;
      const value = state.get(key);
      if (values.size < VALUES_MAX) values.set(key, frozen(value));
      return value;
    },
    inScope: state.inScope,
  };
}

/** A rule that changed what it reads would make the next one see what no other node sees: it fails instead. */
function frozen(value: CborValue | undefined): CborValue | undefined {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}
