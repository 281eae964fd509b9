import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signSign1 } from '../crypto/cose.ts';
import { portableCrypto as crypto } from '../crypto/portable.ts';
import type { SuiteName } from '../crypto/types.ts';
import { equalBytes, utf8ToBytes } from '../encoding/bytes.ts';
import type { CborValue } from '../encoding/types.ts';
import { PACK_SIZE_BYTES_MAX } from '../limits.ts';
import { bentBytes, codeOf } from '../testing/hostile.ts';
import { testSecret } from '../testing/test-chain.ts';
import {
  decodePack,
  encodePack,
  isDeviceId,
  PACK_AAD,
  packId,
  packReadings,
  verifyPack,
} from './pack.ts';
import type { Reading } from './quantities.ts';

const hash = crypto.hash('sha256');
const secret = testSecret('ed25519', 'pack');
const key = crypto.publicKeyOf(secret);
const readings: Reading[] = [{ quantity: 'mass', time_ms: 1_760_000_000_000, value: 20_000 }];
const content = {
  secret,
  deviceId: 'SCALE-7',
  bootEpoch: 3,
  seq: 9,
  prev: new Uint8Array(32).fill(7),
};
const bytes = encodePack(crypto, { ...content, readings });

describe('a pack', () => {
  it.each<SuiteName>(['sm2', 'es256', 'ed25519'])('of %s decodes to what was signed', (suite) => {
    const own = testSecret(suite, 'pack');
    const pack = decodePack(encodePack(crypto, { ...content, secret: own, readings }));
    expect(pack).toMatchObject({ deviceId: 'SCALE-7', suite, bootEpoch: 3, seq: 9 });
    expect(pack.prev).toEqual(content.prev);
    expect(packReadings(pack)).toEqual(readings);
    expect(verifyPack(crypto, crypto.publicKeyOf(own), pack)).toBe(true);
    expect(verifyPack(crypto, crypto.publicKeyOf(testSecret(suite, 'other')), pack)).toBe(false);
  });

  it('does not verify under a key of another suite', () => {
    const other = { suite: 'es256' as const, bytes: key.bytes };
    expect(verifyPack(crypto, other, decodePack(bytes))).toBe(false);
  });

  it('has an id that covers what was signed and not the signature', () => {
    const pack = decodePack(bytes);
    const resigned = bytes.slice();
    resigned[resigned.length - 1] = (resigned.at(-1) ?? 0) ^ 1;
    expect(packId(hash, decodePack(resigned))).toEqual(packId(hash, pack));
    const next = decodePack(encodePack(crypto, { ...content, seq: 10, readings }));
    expect(equalBytes(packId(hash, next), packId(hash, pack))).toBe(false);
  });

  it('signed as another kind of message does not verify', () => {
    const other = signSign1(crypto, {
      secret,
      kid: utf8ToBytes('SCALE-7'),
      externalAad: 'suyuan/tx/1',
      headers: new Map<number, CborValue>([
        [3, 112],
        [-65537, [3, 9, content.prev]],
      ]),
      payload: decodePack(bytes).payload,
    });
    expect(verifyPack(crypto, key, decodePack(other))).toBe(false);
  });

  it('bent anywhere is refused or does not verify', () => {
    fc.assert(
      fc.property(bentBytes(bytes), (bent) => {
        let verified = false;
        codeOf(() => {
          const pack = decodePack(bent);
          verified = verifyPack(crypto, key, pack);
          packReadings(pack);
        });
        expect(verified).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});

function withHeaders(headers: [number, CborValue][], kid = 'SCALE-7'): Uint8Array {
  return signSign1(crypto, {
    secret,
    kid: utf8ToBytes(kid),
    externalAad: PACK_AAD,
    headers: new Map(headers),
    payload: new Uint8Array(1),
  });
}

describe('a header', () => {
  const prev = new Uint8Array(32);
  it.each<[string, [number, CborValue][], string?]>([
    ['without a content type', [[-65537, [0, 0, prev]]]],
    [
      'of another content type',
      [
        [3, 60],
        [-65537, [0, 0, prev]],
      ],
    ],
    ['without a chain', [[3, 112]]],
    [
      'with one field more',
      [
        [3, 112],
        [-65537, [0, 0, prev]],
        [5, new Uint8Array(8)],
      ],
    ],
    [
      'with a short prev',
      [
        [3, 112],
        [-65537, [0, 0, prev.slice(1)]],
      ],
    ],
    [
      'with a negative number',
      [
        [3, 112],
        [-65537, [0, -1, prev]],
      ],
    ],
    [
      'with a chain of four',
      [
        [3, 112],
        [-65537, [0, 0, prev, 0]],
      ],
    ],
    [
      'with a chain that is no array',
      [
        [3, 112],
        [-65537, prev],
      ],
    ],
    [
      'whose kid is no device id',
      [
        [3, 112],
        [-65537, [0, 0, prev]],
      ],
      'a/b',
    ],
  ])('%s is refused', (_, headers, kid) => {
    expect(codeOf(() => decodePack(withHeaders(headers, kid)))).toBe('pack/bad-header');
  });

  it('whose kid is not UTF-8 is refused', () => {
    const bad = signSign1(crypto, {
      secret,
      kid: new Uint8Array([0xff, 0xff, 0xff, 0xff]),
      externalAad: PACK_AAD,
      headers: new Map<number, CborValue>([
        [3, 112],
        [-65537, [0, 0, new Uint8Array(32)]],
      ]),
      payload: new Uint8Array(1),
    });
    expect(codeOf(() => decodePack(bad))).toBe('pack/bad-header');
  });
});

describe('sizes and ids', () => {
  it('refuse more than 16 KiB, whatever it is', () => {
    expect(codeOf(() => decodePack(new Uint8Array(PACK_SIZE_BYTES_MAX + 1)))).toBe(
      'pack/too-large',
    );
    const payload = new Uint8Array(PACK_SIZE_BYTES_MAX);
    expect(() => encodePack(crypto, { ...content, payload })).toThrow(RangeError);
  });

  it('refuse to sign malformed fields', () => {
    expect(() => encodePack(crypto, { ...content, deviceId: 'a b', readings })).toThrow(RangeError);
    expect(() => encodePack(crypto, { ...content, prev: new Uint8Array(31), readings })).toThrow(
      RangeError,
    );
    expect(codeOf(() => encodePack(crypto, { ...content, seq: 0.5, readings }))).toBe(
      'cbor/unsupported',
    );
  });

  it('know a device id', () => {
    for (const id of ['A123', '0abc', 'a._-', 'x'.repeat(30)]) expect(isDeviceId(id)).toBe(true);
    for (const id of ['abc', '-abc', 'x'.repeat(31), 'ab c', 'abc\n', 'abcé', ''])
      expect(isDeviceId(id)).toBe(false);
  });
});
