import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signSign1 } from '../crypto/cose.ts';
import { portableCrypto as crypto } from '../crypto/portable.ts';
import { utf8ToBytes } from '../encoding/bytes.ts';
import { encodeCbor } from '../encoding/cbor.ts';
import type { CborValue } from '../encoding/types.ts';
import { bentBytes, codeOf } from '../testing/hostile.ts';
import { testSecret } from '../testing/test-chain.ts';
import { encodeToken, TOKEN_AAD, verifyToken } from './token.ts';

const secret = testSecret('ed25519', 'token');
const key = crypto.publicKeyOf(secret);
const deviceId = 'ROOM-B3-1';
const now_ms = 1_760_000_000_000;
const now_s = now_ms / 1000;
const nonce = new Uint8Array(16).fill(5);
const token = encodeToken(crypto, { secret, deviceId, now_ms, lifetime_s: 600, nonce });
const codeAt = (bytes: Uint8Array, at_ms = now_ms, id = deviceId) =>
  codeOf(() => verifyToken(crypto, key, bytes, { deviceId: id, now_ms: at_ms }));

function signed(fields: CborValue, headers?: ReadonlyMap<number, CborValue>): Uint8Array {
  return signSign1(crypto, {
    secret,
    kid: utf8ToBytes(deviceId),
    externalAad: TOKEN_AAD,
    ...(headers ? { headers } : {}),
    payload: encodeCbor(fields),
  });
}

describe('a token', () => {
  it('opens from 120 s before its issue until its end', () => {
    expect(codeAt(token)).toBeUndefined();
    expect(codeAt(token, now_ms + 599_999)).toBeUndefined();
    expect(codeAt(token, now_ms + 600_000)).toBe('token/expired');
    expect(codeAt(token, now_ms - 120_000)).toBeUndefined();
    expect(codeAt(token, now_ms - 120_001)).toBe('token/not-yet-valid');
  });

  it('is of one device and one key', () => {
    expect(codeAt(token, now_ms, 'ROOM-B3-2')).toBe('token/other-device');
    const other = crypto.publicKeyOf(testSecret('ed25519', 'thief'));
    expect(codeOf(() => verifyToken(crypto, other, token, { deviceId, now_ms }))).toBe(
      'token/bad-signature',
    );
  });

  it.each<[string, CborValue, string]>([
    ['a life of 601 s', [now_s, now_s + 601, nonce], 'token/bad-lifetime'],
    ['no life', [now_s, now_s, nonce], 'token/bad-lifetime'],
    ['an end before its issue', [now_s, now_s - 1, nonce], 'token/bad-lifetime'],
    ['a short nonce', [now_s, now_s + 60, nonce.slice(1)], 'format/invalid'],
    ['two fields', [now_s, now_s + 60], 'format/invalid'],
    ['four fields', [now_s, now_s + 60, nonce, 1], 'format/invalid'],
    ['a negative time', [-1, 60, nonce], 'format/invalid'],
    ['no array', {}, 'format/invalid'],
  ])('with %s is refused', (_, fields, code) => {
    expect(codeAt(signed(fields))).toBe(code);
  });

  it('with another protected header is refused', () => {
    const headers = new Map<number, CborValue>([[3, 112]]);
    expect(codeAt(signed([now_s, now_s + 60, nonce], headers))).toBe('token/malformed');
  });

  it('bent anywhere is refused', () => {
    fc.assert(
      fc.property(bentBytes(token), (bent) => {
        expect(codeAt(bent)).toMatch(/./);
      }),
      { numRuns: 300 },
    );
  });

  it('is not made with a wrong lifetime or nonce', () => {
    const content = { secret, deviceId, now_ms, lifetime_s: 60, nonce };
    expect(() => encodeToken(crypto, { ...content, lifetime_s: 0 })).toThrow(RangeError);
    expect(() => encodeToken(crypto, { ...content, lifetime_s: 601 })).toThrow(RangeError);
    expect(() => encodeToken(crypto, { ...content, nonce: new Uint8Array(15) })).toThrow(
      RangeError,
    );
  });
});
