// Decoded SM2 public keys and, for the busiest of them, precomputed multiples. Both are bounded: whoever registers many
// keys must not make a verifier grow.

import { bytesToHex } from '../encoding/bytes.ts';
import { BoundedCache } from './bounded-cache.ts';
import { Sm2Point, signerDigest, userIdBytes } from './sm2-curve.ts';
import type { PublicKey } from './types.ts';

/** Decoded keys, about 1 kB each. */
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

/** A public key ready for verification. `tabled` says that `point` has a table. */
export interface Sm2Key {
  readonly point: Sm2Point;
  /** Z of GB/T 32918.2 §5.5, 32 bytes. */
  readonly digest: Uint8Array;
  uses: number;
  /** The age in which `uses` was last brought up to date. */
  age: number;
  tabled: boolean;
}

export interface Sm2Keys {
  /** The decoded key, or undefined when it is malformed, off the curve, or its user id is too long. */
  get(key: PublicKey): Sm2Key | undefined;
  /** Tells that a signature of this key verified: only then may it take a table. */
  used(key: Sm2Key): void;
}

export function createSm2Keys(keysMax = KEYS_MAX, tablesMax = TABLES_MAX): Sm2Keys {
  const keys = new BoundedCache<string, Sm2Key>(keysMax);
  const tables = new BoundedCache<Sm2Key, true>(tablesMax);

  function dropTable(key: Sm2Key): void {
    tables.delete(key);
    key.tabled = false;
    key.point.precompute(1);
  }

  let signatures = 0;
  let age = 0;

  function cool(key: Sm2Key): void {
    key.uses >>= Math.min(age - key.age, 31);
    key.age = age;
  }

  function giveTable(key: Sm2Key): void {
    const holder = tables.size >= tables.limit ? tables.oldest()?.[0] : undefined;
    if (holder !== undefined) {
      // Keys used in turn, more of them than tables, would otherwise take tables from each other at every signature.
      cool(holder);
      if (key.uses <= 2 * holder.uses) return;
      dropTable(holder);
    }
    key.point.precompute(TABLE_WINDOW_BITS);
    key.tabled = true;
    tables.set(key, true);
  }

  return {
    get(key) {
      if (!(key.bytes instanceof Uint8Array) || key.bytes.length !== 33) return undefined;
      const name = bytesToHex(key.bytes) + (key.userId === undefined ? '' : `:${key.userId}`);
      const known = keys.get(name);
      if (known !== undefined) return known;
      const decoded = decodeSm2Key(key);
      if (decoded === undefined) return undefined;
      const evicted = keys.set(name, decoded);
      if (evicted?.tabled) dropTable(evicted);
      return decoded;
    },
    used(key) {
      signatures++;
      if (signatures % (tablesMax * SIGNATURES_PER_TABLE_AND_AGE) === 0) age++;
      cool(key);
      key.uses++;
      if (key.tabled) tables.get(key);
      else if (key.uses >= USES_BEFORE_TABLE) giveTable(key);
    },
  };
}

function decodeSm2Key(key: PublicKey): Sm2Key | undefined {
  const id = userIdBytes(key.userId);
  if (id === undefined) return undefined;
  try {
    const point = Sm2Point.fromBytes(key.bytes);
    return { point, digest: signerDigest(id, point), uses: 0, age: 0, tabled: false };
  } catch {
    return undefined;
  }
}
