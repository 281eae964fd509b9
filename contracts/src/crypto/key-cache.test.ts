import { numberToBytesBE } from '@noble/curves/utils.js';
import { describe, expect, it } from 'vitest';
import { type CachedKey, createKeyCache, type KeyCache } from './key-cache.ts';
import { decodeSm2Key, sm2PublicKey } from './sm2.ts';
import type { PublicKey } from './types.ts';

const KEYS: PublicKey[] = [1n, 2n, 3n, 4n].map((d) =>
  sm2PublicKey({ suite: 'sm2', secret: numberToBytesBE(d, 32) }),
);

type Key = NonNullable<ReturnType<typeof decodeSm2Key>>;

function createKeys(keysMax?: number, tablesMax?: number): KeyCache<Key> {
  return createKeyCache(decodeSm2Key, keysMax, tablesMax);
}

function use(keys: KeyCache<Key>, key: PublicKey, times: number): CachedKey<Key> {
  for (let i = 1; i < times; i++) keys.used(keys.get(key)!);
  const known = keys.get(key)!;
  keys.used(known);
  return known;
}

describe('tables of keys', () => {
  it('are earned by the fourth signature that verified, not by looking', () => {
    const keys = createKeys(8, 2);
    for (let i = 0; i < 10; i++) keys.get(KEYS[0]!);
    expect(use(keys, KEYS[0]!, 3).tabled).toBe(false);
    expect(use(keys, KEYS[0]!, 1).tabled).toBe(true);
  });

  it('give the same multiples', () => {
    const keys = createKeys(8, 2);
    const { point } = keys.get(KEYS[2]!)!.key;
    const expected = point.multiplyUnsafe(12345n).toHex();
    expect(use(keys, KEYS[2]!, 4).key.point.multiplyUnsafe(12345n).toHex()).toBe(expected);
  });

  it('are at most as many as allowed, and stay where keys are used in turn', () => {
    const keys = createKeys(8, 2);
    for (let round = 0; round < 200; round++) for (const key of KEYS) use(keys, key, 1);
    expect(KEYS.map((key) => keys.get(key)!.tabled)).toEqual([true, true, false, false]);
  });

  it('pass to a key used more, the longest unused giving way', () => {
    const keys = createKeys(8, 2);
    use(keys, KEYS[0]!, 4);
    use(keys, KEYS[1]!, 4);
    use(keys, KEYS[2]!, 9);
    expect(KEYS.slice(0, 3).map((key) => keys.get(key)!.tabled)).toEqual([false, true, true]);
  });

  it('pass on after a while unused', () => {
    const keys = createKeys(8, 1);
    use(keys, KEYS[0]!, 40);
    expect(use(keys, KEYS[1]!, 20).tabled).toBe(false);
    expect(use(keys, KEYS[1]!, 50).tabled).toBe(true);
    expect(keys.get(KEYS[0]!)!.tabled).toBe(false);
  });

  it('go with a key that is forgotten', () => {
    const keys = createKeys(2, 2);
    const first = use(keys, KEYS[0]!, 4);
    keys.get(KEYS[1]!);
    keys.get(KEYS[2]!);
    expect(first.tabled).toBe(false);
    expect(keys.get(KEYS[0]!)).not.toBe(first);
  });

  it('go to no key of too many bytes', () => {
    let decoded = 0;
    const keys = createKeyCache(() => {
      decoded++;
      return undefined;
    });
    expect(keys.get({ suite: 'sm2', bytes: new Uint8Array(34) })).toBeUndefined();
    expect(decoded).toBe(0);
  });

  it('tell user ids apart', () => {
    const keys = createKeys();
    const ids = [undefined, '', '1', '1234567812345678'];
    const digests = ids.map((userId) => {
      const key = userId === undefined ? KEYS[0]! : { ...KEYS[0]!, userId };
      return keys.get(key)!.key.digest.join();
    });
    expect(new Set(digests).size).toBe(3);
    expect(digests[0]).toBe(digests[3]);
  });
});
