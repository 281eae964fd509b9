// Chance enters the simulator only here. A seed is any text or number: the same seed gives the same run.

import { randomBytes } from 'node:crypto';

/** `size_bytes` fresh random bytes. */
export type RandomBytes = (size_bytes: number) => Uint8Array;

/** The machine's secure source: for nonces of real tokens. */
export const secureRandom: RandomBytes = (size_bytes) => new Uint8Array(randomBytes(size_bytes));

/** A generator of numbers in [0, 1) that a seed fixes. For faults and sensors, never for keys. */
export type SeededRandom = () => number;

/** FNV-1a over the UTF-16 units, then mixed: turns a seed of any length into 32 bits. */
export function seedOf(seed: string | number): number {
  let state = 0x811c9dc5;
  for (const unit of String(seed)) {
    state = Math.imul(state ^ (unit.codePointAt(0) ?? 0), 0x01000193);
  }
  return mix32(state);
}

/** The finaliser of MurmurHash3: every input bit reaches every output bit. */
export function mix32(value: number): number {
  let state = value >>> 0;
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return (state ^ (state >>> 16)) >>> 0;
}

/** A number in [0, 1) that depends on `seed`, `channel` and the integer `index` (|index| ≤ 2^53) alone. */
export function hashedUnit(seed: number, channel: number, index: number): number {
  const high = Math.floor(index / 2 ** 32);
  const low = index >>> 0;
  return mix32(mix32(mix32(seed ^ Math.imul(channel, 0x9e3779b1)) ^ high) ^ low) / 2 ** 32;
}

/** A sequence of numbers in [0, 1), the same for the same seed. */
export function createSeededRandom(seed: string | number): SeededRandom {
  const start = seedOf(seed);
  let index = 0;
  return () => hashedUnit(start, 0, index++);
}

/** Random bytes that a seed fixes: for tests that must print the same run twice. */
export function createSeededBytes(seed: string | number): RandomBytes {
  const next = createSeededRandom(seed);
  return (size_bytes) => Uint8Array.from({ length: size_bytes }, () => Math.floor(next() * 256));
}
