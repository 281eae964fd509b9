import { createHmac, getHashes } from 'node:crypto';
import { createRequire } from 'node:module';
import { numberToBytesBE } from '@noble/curves/utils.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '../encoding/bytes.ts';
import { signWithNonce, sm2PublicKey, sm2Sign, sm2Verify } from './sm2.ts';
import { Fn, G, Sm2Point, signerDigest, userIdBytes } from './sm2-curve.ts';
import type { PublicKey, SecretKey } from './types.ts';

interface Peer {
  doSignature(message: number[], secret: string, options: object): string;
  doVerifySignature(message: number[], signature: string, key: string, options: object): boolean;
}
const { sm2: peer }: { sm2: Peer } = createRequire(import.meta.url)('sm-crypto');

const n = Fn.ORDER;
const bytes32 = (value: bigint) => numberToBytesBE(value, 32);
const secretOf = (scalar: bigint, userId?: string): SecretKey => ({
  suite: 'sm2',
  secret: bytes32(scalar),
  ...(userId === undefined ? {} : { userId }),
});
const scalar = fc.bigInt({ min: 1n, max: n - 2n });
const message = fc.uint8Array({ maxLength: 200, size: 'max' });

/** GB/T 32918.5-2017 annex A. */
const EXAMPLE = {
  secret: 0x3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8n,
  key: '0309f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020',
  message: utf8ToBytes('message digest'),
  z: 'b2e14c5c79c6df5b85f4fe7ed8db7a262b9da7e07ccb0ea9f4747b8ccda8a4f3',
  e: 0xf0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640n,
  k: 0x59276e27d506861a16680f3ad9c02dccef3cc1fa3cdbe4ce6d54b80deac1bc21n,
  signature:
    'f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3' +
    'b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa',
};
const exampleKey: PublicKey = { suite: 'sm2', bytes: hexToBytes(EXAMPLE.key) };

describe('the example of GB/T 32918.5', () => {
  it('has our public key, Z and signature', () => {
    expect(bytesToHex(sm2PublicKey(secretOf(EXAMPLE.secret)).bytes)).toBe(EXAMPLE.key);
    const point = Sm2Point.fromBytes(exampleKey.bytes);
    expect(bytesToHex(signerDigest(userIdBytes()!, point))).toBe(EXAMPLE.z);
    const signature = signWithNonce(EXAMPLE.secret, EXAMPLE.e, EXAMPLE.k);
    expect(bytesToHex(signature!)).toBe(EXAMPLE.signature);
  });

  it('verifies, and no other user id, message or key does', () => {
    const signature = hexToBytes(EXAMPLE.signature);
    const other = sm2PublicKey(secretOf(EXAMPLE.secret + 1n));
    const negated = { ...exampleKey, bytes: hexToBytes(`02${EXAMPLE.key.slice(2)}`) };
    const check = (key: PublicKey, data = EXAMPLE.message) => sm2Verify(key, data, signature);
    expect(check(exampleKey)).toBe(true);
    expect(check({ ...exampleKey, userId: '1234567812345678' })).toBe(true);
    expect(check({ ...exampleKey, userId: '' })).toBe(false);
    expect(check({ ...exampleKey, userId: 'ALICE123@YAHOO.COM' })).toBe(false);
    expect(check(other)).toBe(false);
    expect(check(negated)).toBe(false);
    expect(check(exampleKey, utf8ToBytes('message digesT'))).toBe(false);
  });
});

describe('sm-crypto, an independent implementation', () => {
  const userId = fc.constantFrom(undefined, 'ALICE123@YAHOO.COM', '溯源-device-7');
  const uncompressed = (key: PublicKey) => Sm2Point.fromBytes(key.bytes).toHex(false);
  const options = (id: string | undefined) => ({
    hash: true,
    der: false,
    ...(id === undefined ? {} : { userId: id }),
  });

  it('accepts our signatures, and we accept its', () => {
    fc.assert(
      fc.property(scalar, message, userId, (d, data, id) => {
        const secret = secretOf(d, id);
        const key = sm2PublicKey(secret);
        const ours = bytesToHex(sm2Sign(secret, data));
        const point = uncompressed(key);
        expect(peer.doVerifySignature([...data], ours, point, options(id))).toBe(true);
        const theirs = peer.doSignature([...data], bytesToHex(secret.secret), options(id));
        expect(sm2Verify(key, data, hexToBytes(theirs))).toBe(true);
      }),
      { numRuns: 8 },
    );
  });
});

describe('signing', () => {
  it('is deterministic and never repeats r for another message or user id', () => {
    fc.assert(
      fc.property(scalar, message, (d, data) => {
        const first = sm2Sign(secretOf(d), data);
        expect(sm2Sign(secretOf(d), data)).toEqual(first);
        const longer = sm2Sign(secretOf(d), concatBytes(data, Uint8Array.of(0)));
        const renamed = sm2Sign(secretOf(d, 'other'), data);
        const rs = [first, longer, renamed].map((signature) =>
          bytesToHex(signature.subarray(0, 32)),
        );
        expect(new Set(rs).size).toBe(3);
      }),
      { numRuns: 10 },
    );
  });

  it.skipIf(!getHashes().includes('sm3'))(
    'takes the first nonce of RFC 6979 §3.2 under HMAC-SM3',
    () => {
      const hmac = (key: Uint8Array, ...parts: Uint8Array[]) =>
        new Uint8Array(
          createHmac('sm3', key)
            .update(concatBytes(...parts))
            .digest(),
        );
      const seed = concatBytes(bytes32(EXAMPLE.secret), bytes32(EXAMPLE.e));
      const ones = new Uint8Array(32).fill(1);
      const k1 = hmac(new Uint8Array(32), ones, Uint8Array.of(0), seed);
      const v1 = hmac(k1, ones);
      const k2 = hmac(k1, v1, Uint8Array.of(1), seed);
      const nonce = BigInt(`0x${bytesToHex(hmac(k2, hmac(k2, v1)))}`);
      const expected = signWithNonce(EXAMPLE.secret, EXAMPLE.e, nonce)!;
      expect(sm2Sign(secretOf(EXAMPLE.secret), EXAMPLE.message)).toEqual(expected);
    },
  );

  it('takes secrets of 32 bytes from 1 to n − 2', () => {
    for (const d of [1n, n - 2n]) {
      const secret = secretOf(d);
      const signature = sm2Sign(secret, EXAMPLE.message);
      expect(sm2Verify(sm2PublicKey(secret), EXAMPLE.message, signature)).toBe(true);
    }
    const bad: SecretKey[] = [
      ...[0n, n - 1n, n, n + 1n, 2n ** 256n - 1n].map((d) => secretOf(d)),
      { suite: 'sm2', secret: new Uint8Array(31).fill(1) },
      { suite: 'sm2', secret: new Uint8Array(33).fill(1) },
      secretOf(1n, 'x'.repeat(65)),
      secretOf(1n, '溯'.repeat(22)),
      secretOf(1n, '\ud800'),
    ];
    for (const secret of bad) {
      expect(() => sm2Sign(secret, EXAMPLE.message)).toThrow(/^Give an sm2 (secret|user id)/);
    }
  });

  it('draws another nonce where the standard says so', () => {
    const x = G.multiply(5n).toAffine().x;
    expect(signWithNonce(7n, Fn.create(-x), 5n)).toBeUndefined(); // r = 0
    expect(signWithNonce(7n, Fn.create(-x - 5n), 5n)).toBeUndefined(); // r + k = n
    expect(signWithNonce(7n, Fn.create(Fn.div(5n, 7n) - x), 5n)).toBeUndefined(); // s = 0
    expect(signWithNonce(7n, 1n, 0n)).toBeUndefined();
    expect(signWithNonce(7n, 1n, n)).toBeUndefined();
    expect(signWithNonce(7n, 1n, 5n)).toHaveLength(64);
  });
});

describe('verification refuses', () => {
  const secret = secretOf(EXAMPLE.secret);
  const signature = hexToBytes(EXAMPLE.signature);
  const [r, s] = [signature.subarray(0, 32), signature.subarray(32)];
  const verify = (sig: Uint8Array) => sm2Verify(exampleKey, EXAMPLE.message, sig);

  it('r and s outside 1 … n − 1, and other lengths', () => {
    const bad = [0n, n, n + 1n, 2n ** 256n - 1n].map(bytes32);
    for (const value of bad) {
      expect(verify(concatBytes(value, s))).toBe(false);
      expect(verify(concatBytes(r, value))).toBe(false);
    }
    for (const length of [0, 63]) expect(verify(signature.subarray(0, length))).toBe(false);
    expect(verify(concatBytes(signature, Uint8Array.of(0)))).toBe(false);
  });

  it('r + s = n', () => {
    const value = BigInt(`0x${bytesToHex(r)}`);
    expect(verify(concatBytes(r, bytes32(n - value)))).toBe(false);
  });

  it('a sum at infinity, which has no x', () => {
    // s + t·d = 0 makes s·G + t·P the point at infinity, whose X/Z would compare equal to anything.
    const t = Fn.neg(Fn.inv(EXAMPLE.secret));
    const forged = concatBytes(bytes32(Fn.sub(t, 1n)), bytes32(1n));
    for (const text of ['message digest', 'another']) {
      expect(sm2Verify(exampleKey, utf8ToBytes(text), forged)).toBe(false);
    }
  });

  it('malformed keys', () => {
    const bytes = exampleKey.bytes;
    const bad = [
      bytes.subarray(1),
      concatBytes(bytes, Uint8Array.of(0)),
      concatBytes(Uint8Array.of(4), bytes.subarray(1)),
      concatBytes(Uint8Array.of(2), bytes32(Sm2Point.Fp.ORDER)),
      concatBytes(Uint8Array.of(2), bytes32(2n ** 256n - 1n)),
      new Uint8Array(33),
      Sm2Point.fromBytes(bytes).toBytes(false),
    ];
    for (const key of bad) {
      expect(sm2Verify({ suite: 'sm2', bytes: key }, EXAMPLE.message, signature)).toBe(false);
    }
    expect(sm2Verify({ ...exampleKey, userId: 'x'.repeat(65) }, EXAMPLE.message, signature)).toBe(
      false,
    );
    expect(sm2Verify({ ...exampleKey, userId: '\udfff' }, EXAMPLE.message, signature)).toBe(false);
  });

  it('one flipped bit anywhere, with and without a table', () => {
    const signed = sm2Sign(secret, EXAMPLE.message);
    for (let i = 0; i < 8; i++) expect(verify(signed)).toBe(true);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 511 }), (bit) => {
        const flipped = signed.slice();
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        expect(verify(flipped)).toBe(false);
      }),
      { numRuns: 40 },
    );
  });
});
