import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signSign1 } from '../crypto/cose.ts';
import { portableCrypto as crypto } from '../crypto/portable.ts';
import { utf8ToBytes } from '../encoding/bytes.ts';
import { encodeCbor } from '../encoding/cbor.ts';
import type { CborValue } from '../encoding/types.ts';
import { encodeToken } from '../telemetry/token.ts';
import { bentBytes, codeOf } from '../testing/hostile.ts';
import { testSecret } from '../testing/test-chain.ts';
import { ACCESS_AAD, decodeAccess, encodeAccess, verifyAccess } from './access.ts';

const secret = testSecret('ed25519', 'access');
const key = crypto.publicKeyOf(secret);
const chainId = new Uint8Array(32).fill(7);
const nonce = new Uint8Array(16).fill(5);
const bodyHash = new Uint8Array(32).fill(9);
const now_ms = 1_760_000_000_000;
const now_s = now_ms / 1000;
const content = { secret, account: 'grower', chainId, now_ms, lifetime_s: 600, nonce, bodyHash };
const token = encodeAccess(crypto, content);

const codeAt = (bytes: Uint8Array, at_ms = now_ms, chain = chainId) =>
  codeOf(() => verifyAccess(crypto, key, decodeAccess(bytes), { chainId: chain, now_ms: at_ms }));

function signed(fields: CborValue, kid = 'grower', aad = ACCESS_AAD): Uint8Array {
  return signSign1(crypto, {
    secret,
    kid: utf8ToBytes(kid),
    externalAad: aad,
    payload: encodeCbor(fields),
  });
}

describe('an access token', () => {
  it('says who asks and for which body', () => {
    expect(decodeAccess(token)).toMatchObject({ account: 'grower', nonce, bodyHash, chainId });
    const bare = encodeAccess(crypto, { ...content, bodyHash: null });
    expect(decodeAccess(bare).bodyHash).toBeNull();
    expect(codeAt(bare)).toBeUndefined();
  });

  it('is valid from 120 s before its issue until its end', () => {
    expect(codeAt(token, now_ms + 599_999)).toBeUndefined();
    expect(codeAt(token, now_ms + 600_000)).toBe('access/expired');
    expect(codeAt(token, now_ms - 120_000)).toBeUndefined();
    expect(codeAt(token, now_ms - 120_001)).toBe('access/not-yet-valid');
  });

  it('is of one ledger and one key', () => {
    expect(codeAt(token, now_ms, new Uint8Array(32))).toBe('access/other-chain');
    const thief = crypto.publicKeyOf(testSecret('ed25519', 'thief'));
    const check = () => verifyAccess(crypto, thief, decodeAccess(token), { chainId, now_ms });
    expect(codeOf(check)).toBe('access/bad-signature');
  });

  it.each<[string, Uint8Array, string]>([
    ['a life of 601 s', signed([chainId, now_s, now_s + 601, nonce, null]), 'access/bad-lifetime'],
    ['no life', signed([chainId, now_s, now_s, nonce, null]), 'access/bad-lifetime'],
    ['four fields', signed([chainId, now_s, now_s + 60, nonce]), 'format/invalid'],
    ['a short nonce', signed([chainId, now_s, now_s + 60, nonce.slice(1), null]), 'format/invalid'],
    ['a short hash', signed([chainId, now_s, now_s + 60, nonce, nonce]), 'format/invalid'],
    ['no account', signed([chainId, now_s, now_s + 60, nonce, null], 'X Y'), 'access/malformed'],
    [
      'another format',
      signed([chainId, now_s, now_s + 60, nonce, null], 'grower', 'suyuan/tx/1'),
      'access/bad-signature',
    ],
    [
      'the token of a device',
      encodeToken(crypto, { secret, deviceId: 'grower', now_ms, lifetime_s: 60, nonce }),
      'format/invalid',
    ],
    ['too many bytes', new Uint8Array(1025), 'access/malformed'],
  ])('with %s is refused', (_, bytes, code) => {
    expect(codeAt(bytes)).toBe(code);
  });

  it('bent anywhere is refused', () => {
    fc.assert(
      fc.property(bentBytes(token), (bent) => {
        expect(codeAt(bent)).toMatch(/./);
      }),
      { numRuns: 200 },
    );
  });

  it('is not made with a wrong lifetime or size', () => {
    const make = (change: object) => () => encodeAccess(crypto, { ...content, ...change });
    expect(make({ lifetime_s: 601 })).toThrow(RangeError);
    expect(make({ nonce: new Uint8Array(15) })).toThrow(RangeError);
    expect(make({ bodyHash: new Uint8Array(31) })).toThrow(RangeError);
  });
});
