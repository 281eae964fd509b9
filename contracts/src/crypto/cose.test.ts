import { describe, expect, it } from 'vitest';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '../encoding/bytes.ts';
import { encodeCbor } from '../encoding/cbor.ts';
import { type CborValue, Sign1 } from '../encoding/types.ts';
import { isAppError } from '../errors.ts';
import { decodeSign1, messageId, signSign1, sigStructure, verifySign1 } from './cose.ts';
import { portableCrypto as crypto } from './portable.ts';
import { tagged } from './tagged.ts';
import type { SecretKey, SuiteName } from './types.ts';

const AAD = 'suyuan/pack/1';
const SUITES: SuiteName[] = ['sm2', 'es256', 'ed25519'];
const secretOf = (suite: SuiteName): SecretKey => ({ suite, secret: new Uint8Array(32).fill(7) });
const payload = utf8ToBytes('payload');
const kid = utf8ToBytes('XHCP-0001');

function signed(suite: SuiteName, headers?: Map<number, CborValue>): Uint8Array {
  return signSign1(crypto, {
    secret: secretOf(suite),
    kid,
    externalAad: AAD,
    payload,
    ...(headers === undefined ? {} : { headers }),
  });
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return isAppError(error) ? error.code : `foreign: ${String(error)}`;
  }
  return 'no error';
}

describe.each(SUITES)('a message signed with %s', (suite) => {
  const key = crypto.publicKeyOf(secretOf(suite));
  const message = decodeSign1(
    signed(
      suite,
      new Map<number, CborValue>([
        [3, 112],
        [-65537, [1, 2]],
      ]),
    ),
  );

  it('comes back as it was given', () => {
    expect(message.suite).toBe(suite);
    expect(message.kid).toEqual(kid);
    expect(message.payload).toEqual(payload);
    expect([...message.headers.keys()]).toEqual([1, 3, 4, -65537]);
    expect(message.headers.get(-65537)).toEqual([1, 2]);
    expect(verifySign1(crypto, key, message, AAD)).toBe(true);
  });

  it('verifies under its own format, key, suite, headers and payload only', () => {
    expect(verifySign1(crypto, key, message, 'suyuan/tx/1')).toBe(false);
    const otherKey = crypto.publicKeyOf({ suite, secret: new Uint8Array(32).fill(8) });
    expect(verifySign1(crypto, otherKey, message, AAD)).toBe(false);
    for (const other of SUITES.filter((name) => name !== suite)) {
      expect(verifySign1(crypto, { ...key, suite: other }, message, AAD)).toBe(false);
    }
    const extra = decodeSign1(signed(suite));
    expect(
      verifySign1(crypto, key, { ...message, protectedBytes: extra.protectedBytes }, AAD),
    ).toBe(false);
    expect(verifySign1(crypto, key, { ...message, payload: kid }, AAD)).toBe(false);
  });
});

describe('a header that names another suite than the key', () => {
  it('does not verify, even if the signature would', () => {
    const named = decodeSign1(signed('sm2'));
    const secret = secretOf('es256');
    const message = { ...named, signature: crypto.sign(secret, sigStructure(named, AAD)) };
    expect(verifySign1(crypto, crypto.publicKeyOf(secret), message, AAD)).toBe(false);
    const claimed = { ...message, suite: 'es256' } as const;
    expect(verifySign1(crypto, crypto.publicKeyOf(secret), claimed, AAD)).toBe(true);
  });
});

describe('the bytes', () => {
  it('are those of RFC 9052', () => {
    const message = decodeSign1(signed('ed25519'));
    const header = 'a201270449584843502d30303031';
    expect(bytesToHex(message.protectedBytes)).toBe(header);
    const aad = bytesToHex(utf8ToBytes(AAD));
    const body = bytesToHex(payload);
    expect(bytesToHex(sigStructure(message, AAD))).toBe(
      `846a5369676e6174757265314e${header}4d${aad}47${body}`,
    );
    expect(bytesToHex(signed('ed25519'))).toBe(
      `d2844e${header}a047${body}5840${bytesToHex(message.signature)}`,
    );
  });

  it('give one id, whatever the signature', () => {
    const message = decodeSign1(signed('es256'));
    const hash = crypto.hash('sm3');
    const id = messageId(hash, AAD, sigStructure(message, AAD));
    const again = { ...message, signature: new Uint8Array(64) };
    expect(messageId(hash, AAD, sigStructure(again, AAD))).toEqual(id);
    expect(id).toEqual(
      hash(
        concatBytes(utf8ToBytes('suyuan/pack/1/id'), Uint8Array.of(0), sigStructure(message, AAD)),
      ),
    );
    expect(messageId(crypto.hash('sha256'), AAD, sigStructure(message, AAD))).not.toEqual(id);
  });
});

describe('decodeSign1 refuses', () => {
  const header = (...entries: [number, CborValue][]) => encodeCbor(new Map(entries));
  const good = header([1, -7], [4, kid]);
  const signature = new Uint8Array(64);
  const message = (...items: CborValue[]) => encodeCbor(new Sign1(items));

  it.each<[string, string, Uint8Array]>([
    ['nothing', 'no error', message(good, {}, payload, signature)],
    ['no CBOR', 'cbor/malformed', hexToBytes('d2')],
    ['an untagged array', 'cose/malformed', encodeCbor([good, {}, payload, signature])],
    ['three items', 'cose/malformed', message(good, {}, payload)],
    ['five items', 'cose/malformed', message(good, {}, payload, signature, null)],
    ['a bare header', 'cose/malformed', message(new Map([[1, -7]]), {}, payload, signature)],
    [
      'an unprotected header',
      'cose/malformed',
      message(good, new Map([[4, kid]]), payload, signature),
    ],
    ['an unprotected text header', 'cose/malformed', message(good, { a: 1 }, payload, signature)],
    ['an array for the unprotected map', 'cose/malformed', message(good, [], payload, signature)],
    ['bytes for it', 'cose/malformed', message(good, new Uint8Array(), payload, signature)],
    ['a detached payload', 'cose/malformed', message(good, {}, null, signature)],
    ['a short signature', 'cose/malformed', message(good, {}, payload, signature.subarray(1))],
    ['a long signature', 'cose/malformed', message(good, {}, payload, new Uint8Array(65))],
    ['an empty header', 'cbor/malformed', message(new Uint8Array(), {}, payload, signature)],
    [
      'an unsorted header',
      'cbor/not-canonical',
      message(hexToBytes('a20441610126'), {}, payload, signature),
    ],
    ['no labels', 'cose/bad-header', message(encodeCbor({}), {}, payload, signature)],
    ['text labels', 'cose/bad-header', message(encodeCbor({ alg: -7 }), {}, payload, signature)],
    ['no kid', 'cose/bad-header', message(header([1, -7]), {}, payload, signature)],
    [
      'an empty kid',
      'cose/bad-header',
      message(header([1, -7], [4, new Uint8Array()]), {}, payload, signature),
    ],
    ['a text kid', 'cose/bad-header', message(header([1, -7], [4, 'a']), {}, payload, signature)],
    [
      'a long kid',
      'cose/bad-header',
      message(header([1, -7], [4, new Uint8Array(65)]), {}, payload, signature),
    ],
    ['no alg', 'cose/unknown-alg', message(header([4, kid]), {}, payload, signature)],
    ['ES384', 'cose/unknown-alg', message(header([1, -35], [4, kid]), {}, payload, signature)],
    [
      'a text alg',
      'cose/unknown-alg',
      message(header([1, 'ES256'], [4, kid]), {}, payload, signature),
    ],
  ])('%s: %s', (_what, code, bytes) => {
    expect(codeOf(() => decodeSign1(bytes))).toBe(code);
  });
});

describe('signSign1 refuses', () => {
  const input = { secret: secretOf('es256'), kid, externalAad: AAD, payload };
  it.each<[string, object, string]>([
    ['an own alg', { headers: new Map([[1, -8]]) }, 'cose/bad-header'],
    ['an own kid', { headers: new Map([[4, kid]]) }, 'cose/bad-header'],
    ['an empty kid', { kid: new Uint8Array() }, 'cose/bad-header'],
    ['a long kid', { kid: new Uint8Array(65) }, 'cose/bad-header'],
    ['a bad secret', { secret: { suite: 'es256', secret: new Uint8Array(32) } }, 'crypto/bad-key'],
  ])('%s', (_what, change, code) => {
    expect(codeOf(() => signSign1(crypto, { ...input, ...change }))).toBe(code);
  });
});

describe('tagged', () => {
  it('separates tags and takes its data in parts', () => {
    const hash = crypto.hash('sha256');
    const whole = tagged(hash, 'suyuan/a', utf8ToBytes('xy'));
    expect(tagged(hash, 'suyuan/a', utf8ToBytes('x'), utf8ToBytes('y'))).toEqual(whole);
    expect(tagged(hash, 'suyuan/ax', utf8ToBytes('y'))).not.toEqual(whole);
    expect(whole).toEqual(hash(utf8ToBytes('suyuan/a\0xy')));
    for (const tag of ['pack', 'suyuan/', 'suyuan/a\0', 'suyuan/溯']) {
      expect(() => tagged(hash, tag)).toThrow(/no tag/);
    }
  });
});
