import { ed25519 } from '@noble/curves/ed25519.js';
import { bytesToNumberLE, numberToBytesLE } from '@noble/curves/utils.js';
import { describe, expect, it } from 'vitest';
import { bytesToHex, concatBytes, hexToBytes } from '../encoding/bytes.ts';
import { cofactoredForgery, NOT_STRICT_KEYS } from './ed25519.cases.ts';
import { ed25519Point, ed25519PublicKey, ed25519Sign, ed25519Verify } from './ed25519.ts';

// RFC 8032 §7.1: secret, public key, message, signature.
const VECTORS: [string, string, string, string][] = [
  [
    '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
  [
    'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    'af82',
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  ],
];

const P = ed25519.Point.Fp.ORDER;
const L = ed25519.Point.Fn.ORDER;

describe('Ed25519', () => {
  it.each(VECTORS)('signs with %s as RFC 8032 does', (seed, key, message, signature) => {
    const secret = { suite: 'ed25519', secret: hexToBytes(seed) } as const;
    const publicKey = ed25519PublicKey(secret);
    expect(bytesToHex(publicKey.bytes)).toBe(key);
    expect(bytesToHex(ed25519Sign(secret, hexToBytes(message)))).toBe(signature);
    expect(ed25519Verify(publicKey, hexToBytes(message), hexToBytes(signature))).toBe(true);
    expect(ed25519Verify(publicKey, hexToBytes(`${message}00`), hexToBytes(signature))).toBe(false);
  });

  it('refuses seeds of another length', () => {
    for (const length of [0, 31, 33, 64]) {
      const secret = { suite: 'ed25519', secret: new Uint8Array(length) } as const;
      expect(() => ed25519Sign(secret, new Uint8Array())).toThrow(/^Give an ed25519 secret/);
      expect(() => ed25519PublicKey(secret)).toThrow(/^Give an ed25519 secret/);
    }
  });

  it('takes no key with y of p and more, though it may name a point of large order', () => {
    const encode = (value: bigint, sign: number) => {
      const bytes = numberToBytesLE(value, 32);
      bytes[31]! |= sign;
      return bytes;
    };
    let points = 0;
    for (let y = 0n; y < 19n; y++) {
      for (const sign of [0, 0x80]) {
        expect(ed25519Point(encode(P + y, sign))).toBeUndefined();
        if (ed25519Point(encode(y, sign)) !== undefined) points++;
      }
    }
    expect(points).toBeGreaterThan(4);
  });

  it('takes S below L only', () => {
    const secret = { suite: 'ed25519', secret: new Uint8Array(32) } as const;
    const signature = ed25519Sign(secret, new Uint8Array());
    const s = bytesToNumberLE(signature.subarray(32));
    for (const [added, valid] of [
      [0n, true],
      [L, false],
      [2n * L, false],
    ] as const) {
      const other = concatBytes(signature.subarray(0, 32), numberToBytesLE(s + added, 32));
      expect(ed25519Verify(ed25519PublicKey(secret), new Uint8Array(), other)).toBe(valid);
    }
  });

  it('checks the equation without the cofactor', () => {
    let divisible = 0;
    for (let i = 0; i < 64; i++) {
      const { key, message, signature, k } = cofactoredForgery(i);
      expect(ed25519.verify(signature, message, key, { zip215: true })).toBe(true);
      expect(ed25519Verify({ suite: 'ed25519', bytes: key }, message, signature)).toBe(
        k % 8n === 0n,
      );
      if (k % 8n === 0n) divisible++;
    }
    // Past the fourth the key has a table, whose multiples must be those of the key and not of its prime-order part.
    expect(divisible).toBeGreaterThan(4);
    expect(divisible).toBeLessThan(64);
  });

  it.each(NOT_STRICT_KEYS)('refuses the key %s: %s', (hex) => {
    // With R = [S]B and k·A = 0, a small-order key verifies for one message in eight at least.
    const [r, s] = [ed25519.Point.BASE.toBytes(), new Uint8Array(32)];
    s[0] = 1;
    const signature = new Uint8Array([...r, ...s]);
    for (let i = 0; i < 64; i++) {
      const key = { suite: 'ed25519', bytes: hexToBytes(hex) } as const;
      expect(ed25519Verify(key, Uint8Array.of(i), signature)).toBe(false);
    }
  });
});
