import { numberToBytesBE, numberToBytesLE } from '@noble/curves/utils.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cofactoredForgery, NOT_STRICT_KEYS } from './crypto/ed25519.cases.ts';
import { portableCrypto as portable } from './crypto/portable.ts';
import type { PublicKey, SecretKey, SuiteName } from './crypto/types.ts';
import { bytesToHex, concatBytes, hexToBytes } from './encoding/bytes.ts';
import { nodeCrypto } from './node.ts';

const P256 = {
  p: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
  n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
};
const ED25519 = {
  L: 2n ** 252n + 27742317777372353535851937790883648493n,
};
const SUITES: SuiteName[] = ['es256', 'ed25519', 'sm2'];

/** The one answer of all three ways to verify. */
async function verdict(key: PublicKey, message: Uint8Array, signature: Uint8Array) {
  const expected = portable.verify(key, message, signature);
  const sync = nodeCrypto.verify(key, message, signature);
  const async = await nodeCrypto.verifyAsync(key, message, signature);
  if (sync !== expected || async !== expected) {
    const input = [key.bytes, message, signature].map((bytes) => bytesToHex(bytes)).join(' ');
    throw new Error(`portable ${expected}, sync ${sync}, async ${async}: ${key.suite} ${input}`);
  }
  return expected;
}

const seed = fc.uint8Array({ minLength: 32, maxLength: 32 }).filter((bytes) => bytes[0]! < 0x7f);
const message = fc.uint8Array({ maxLength: 100, size: 'max' });
const mutation = fc.record({
  part: fc.constantFrom('key', 'message', 'signature'),
  at: fc.nat(),
  xor: fc.integer({ min: 1, max: 255 }),
});

describe.each(SUITES)('%s in node:crypto and in JavaScript', (suite) => {
  // SM2 is the same code on both sides; a few runs show that it is wired up.
  const numRuns = suite === 'sm2' ? 5 : 60;

  it('verify each other’s signatures', async () => {
    await fc.assert(
      fc.asyncProperty(seed, message, async (secretBytes, data) => {
        fc.pre(secretBytes.some((byte) => byte !== 0));
        const secret: SecretKey = { suite, secret: secretBytes };
        const key = portable.publicKeyOf(secret);
        expect(nodeCrypto.publicKeyOf(secret)).toEqual(key);
        const [ours, theirs] = [portable.sign(secret, data), nodeCrypto.sign(secret, data)];
        expect(theirs).toHaveLength(64);
        expect(await verdict(key, data, ours)).toBe(true);
        expect(await verdict(key, data, theirs)).toBe(true);
        if (suite !== 'es256') expect(theirs).toEqual(ours);
      }),
      { numRuns: Math.ceil(numRuns / 3) },
    );
  });

  it('agree on mutated keys, messages and signatures', async () => {
    const secret: SecretKey = { suite, secret: new Uint8Array(32).fill(9) };
    const original = {
      key: portable.publicKeyOf(secret).bytes,
      message: new Uint8Array(20),
      signature: portable.sign(secret, new Uint8Array(20)),
    };
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 3 }), async (mutations) => {
        const input = structuredClone(original);
        for (const { part, at, xor } of mutations) {
          const bytes = input[part as keyof typeof input];
          bytes[at % bytes.length]! ^= xor;
        }
        await verdict({ suite, bytes: input.key }, input.message, input.signature);
      }),
      { numRuns },
    );
  });

  it('agree on bytes of any kind and length', async () => {
    const any = fc.uint8Array({ maxLength: 70, size: 'max' });
    const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(any, bytes(32), bytes(33)),
        message,
        fc.oneof(any, bytes(64)),
        async (key, data, signature) => {
          expect(await verdict({ suite, bytes: key }, data, signature)).toBe(false);
        },
      ),
      { numRuns },
    );
  });

  it('refuse the same secrets', () => {
    const bad = [0, 31, 33].map((length) => new Uint8Array(length).fill(1));
    if (suite !== 'ed25519') bad.push(new Uint8Array(32), new Uint8Array(32).fill(255));
    if (suite === 'es256') bad.push(numberToBytesBE(P256.n, 32));
    for (const secret of bad) {
      for (const provider of [portable, nodeCrypto]) {
        const code = expect.objectContaining({ code: 'crypto/bad-key' });
        expect(() => provider.sign({ suite, secret }, new Uint8Array())).toThrow(code);
        expect(() => provider.publicKeyOf({ suite, secret })).toThrow(code);
      }
    }
  });
});

describe('es256 at the edges', () => {
  const secret: SecretKey = { suite: 'es256', secret: new Uint8Array(32).fill(3) };
  const key = portable.publicKeyOf(secret);
  const data = new Uint8Array(8);
  const signature = portable.sign(secret, data);
  const [r, s] = [signature.slice(0, 32), signature.slice(32)];
  const bytes32 = (value: bigint) => numberToBytesBE(value, 32);
  const number = (bytes: Uint8Array) => BigInt(`0x${bytesToHex(bytes)}`);

  it('takes either s and nothing outside 1 … n − 1', async () => {
    expect(await verdict(key, data, concatBytes(r, bytes32(P256.n - number(s))))).toBe(true);
    for (const value of [0n, P256.n, P256.n + 1n, 2n ** 256n - 1n].map(bytes32)) {
      expect(await verdict(key, data, concatBytes(value, s))).toBe(false);
      expect(await verdict(key, data, concatBytes(r, value))).toBe(false);
    }
  });

  it('takes compressed points on the curve only', async () => {
    const x = key.bytes.subarray(1);
    let offCurve = 1n;
    const keys = [0, 1, 4, 5, 6, 7, 255].map((head) => concatBytes(Uint8Array.of(head), x));
    keys.push(concatBytes(Uint8Array.of(2), bytes32(P256.p)));
    keys.push(concatBytes(Uint8Array.of(2), bytes32(P256.p + 5n)));
    for (; offCurve < 40n; offCurve++) keys.push(concatBytes(Uint8Array.of(2), bytes32(offCurve)));
    for (const bytes of keys) {
      expect(await verdict({ suite: 'es256', bytes }, data, signature)).toBe(false);
    }
  });
});

describe('ed25519 at the edges', () => {
  const secret: SecretKey = { suite: 'ed25519', secret: new Uint8Array(32).fill(3) };
  const key = portable.publicKeyOf(secret);
  const data = new Uint8Array(8);
  const signature = portable.sign(secret, data);

  it('refuses s + L', async () => {
    const s = BigInt(`0x${bytesToHex(signature.slice(32).reverse())}`);
    for (const wrapped of [s + ED25519.L, s + 2n * ED25519.L, ED25519.L]) {
      const forged = concatBytes(signature.subarray(0, 32), numberToBytesLE(wrapped, 32));
      expect(await verdict(key, data, forged)).toBe(false);
    }
  });

  it('checks the equation without the cofactor', async () => {
    for (let i = 0; i < 24; i++) {
      const { key: bytes, message: text, signature: forged, k } = cofactoredForgery(i);
      expect(await verdict({ suite: 'ed25519', bytes }, text, forged)).toBe(k % 8n === 0n);
    }
  });

  it.each(NOT_STRICT_KEYS)('refuses the key %s: %s', async (hex) => {
    // R = [S]B: what a key that contributes nothing would need.
    const one = numberToBytesLE(1n, 32);
    const base = hexToBytes(`58${'66'.repeat(31)}`);
    for (let i = 0; i < 16; i++) {
      const bytes = hexToBytes(hex);
      const forged = concatBytes(base, one);
      expect(await verdict({ suite: 'ed25519', bytes }, Uint8Array.of(i), forged)).toBe(false);
    }
  });

  it('agrees on every small-order and non-canonical R', async () => {
    for (const [hex] of NOT_STRICT_KEYS) {
      for (const s of [0n, 1n, ED25519.L - 1n]) {
        const forged = concatBytes(hexToBytes(hex), numberToBytesLE(s, 32));
        expect(await verdict(key, data, forged)).toBe(false);
      }
    }
  });
});

describe('hashes', () => {
  it('agree at every length around the switch to OpenSSL', () => {
    for (const name of ['sha256', 'sm3'] as const) {
      for (let length = 0; length < 300; length++) {
        const data = new Uint8Array(length).map((_, i) => (7 * i + length) & 0xff);
        const digest = nodeCrypto.hash(name)(data);
        expect(digest).toEqual(portable.hash(name)(data));
        expect(digest.constructor).toBe(Uint8Array);
      }
    }
  });
});

describe('input that is not even bytes', () => {
  it('is false everywhere', async () => {
    const secret: SecretKey = { suite: 'es256', secret: new Uint8Array(32).fill(3) };
    const good = {
      key: portable.publicKeyOf(secret),
      data: new Uint8Array(1),
      signature: portable.sign(secret, new Uint8Array(1)),
    };
    for (const suite of [...SUITES, 'rsa' as SuiteName]) {
      for (const bad of [undefined, null, 'text', 7, [1]] as unknown as Uint8Array[]) {
        const key = { ...good.key, suite };
        const inputs: [PublicKey, Uint8Array, Uint8Array][] = [
          [{ suite, bytes: bad }, good.data, good.signature],
          [key, bad, good.signature],
          [key, good.data, bad],
        ];
        for (const [k, d, s] of inputs) {
          expect(portable.verify(k, d, s)).toBe(false);
          expect(nodeCrypto.verify(k, d, s)).toBe(false);
          expect(await nodeCrypto.verifyAsync(k, d, s)).toBe(false);
        }
      }
    }
  });
});
