// Decoded public keys and, for the busiest of them, precomputed multiples. Both are bounded: whoever registers many keys
// must not make a verifier grow.

import { bytesToHex } from '../encoding/bytes.ts';
import { BoundedCache } from './bounded-cache.ts';
import type { PublicKey } from './types.ts';

/** Decoded keys of one suite, about 1 kB each. */
const KEYS_MAX = 4096;
/**
 * Tables of window 5: 832 points, 125 kB of heap and 10 ms to build, after which a verification takes 0.65 ms instead of
 * 2.3 ms (window 4: 70 kB, 0.8 ms; window 6: 205 kB, 0.6 ms). 256 of them are 32 MB.
 */
const TABLES_MAX = 256;
const TABLE_WINDOW_BITS = 5;
/** A table has paid for itself after five more signatures, so a key earns one only after it has verified this many. */
const USES_BEFORE_TABLE = 4;
/** Counts are halved every so many signatures a table, so that a key once busy can lose its table. */
const SIGNATURES_PER_TABLE_AND_AGE = 64;
/** The longest key of the formats: whoever hands over more bytes gets no key, and no entry. */
const KEY_BYTES_MAX = 33;

/** What a suite makes of a public key: at least its point, whose `precompute(1)` drops the table again. */
export interface DecodedKey {
  readonly point: { precompute(window: number): unknown };
}

/** A key ready for verification. `tabled` says that its point has a table. */
export interface CachedKey<K extends DecodedKey> {
  readonly key: K;
  tabled: boolean;
  uses: number;
  /** The age in which `uses` was last brought up to date. */
  age: number;
}

export interface KeyCache<K extends DecodedKey> {
  /** The decoded key, or undefined when it is malformed. */
  get(key: PublicKey): CachedKey<K> | undefined;
  /** Tells that a signature of this key verified: only then may it take a table. */
  used(entry: CachedKey<K>): void;
}

/** `decode` returns undefined for a malformed key. */
export function createKeyCache<K extends DecodedKey>(
  decode: (key: PublicKey) => K | undefined,
  keysMax: number = KEYS_MAX,
  tablesMax: number = TABLES_MAX,
): KeyCache<K> {
  const entries = new BoundedCache<string, CachedKey<K>>(keysMax);
  const tables = new BoundedCache<CachedKey<K>, true>(tablesMax);
  let signatures = 0;
  let age = 0;

  function cool(entry: CachedKey<K>): void {
    entry.uses >>= Math.min(age - entry.age, 31);
    entry.age = age;
  }

  function dropTable(entry: CachedKey<K>): void {
    tables.delete(entry);
    entry.tabled = false;
    entry.key.point.precompute(1);
  }

  function giveTable(entry: CachedKey<K>): void {
    const holder = tables.size >= tables.limit ? tables.oldest()?.[0] : undefined;
    if (holder !== undefined) {
      // Keys used in turn, more of them than tables, would otherwise take tables from each other at every signature.
      cool(holder);
      if (entry.uses <= 2 * holder.uses) return;
      dropTable(holder);
    }
    entry.key.point.precompute(TABLE_WINDOW_BITS);
    entry.tabled = true;
    tables.set(entry, true);
  }

  return {
    get(publicKey) {
      const { bytes, userId } = publicKey;
      if (!(bytes instanceof Uint8Array) || bytes.length > KEY_BYTES_MAX) return undefined;
      const name = bytesToHex(bytes) + (userId === undefined ? '' : `:${userId}`);
      const known = entries.get(name);
      if (known !== undefined) return known;
      const key = decode(publicKey);
      if (key === undefined) return undefined;
      const entry: CachedKey<K> = { key, tabled: false, uses: 0, age };
      const evicted = entries.set(name, entry);
      if (evicted?.tabled) dropTable(evicted);
      return entry;
    },

    used(entry) {
      signatures++;
      if (signatures % (tablesMax * SIGNATURES_PER_TABLE_AND_AGE) === 0) age++;
      cool(entry);
      entry.uses++;
      if (entry.tabled) tables.get(entry);
      else if (entry.uses >= USES_BEFORE_TABLE) giveTable(entry);
    },
  };
}
