import { decode, encode, rfc8949EncodeOptions } from 'cborg';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAppError } from '../errors.ts';
import { bytesToHex, hexToBytes } from './bytes.ts';
import { decodeCbor, encodeCbor } from './cbor.ts';
import { type CborValue, Decimal, Sign1 } from './types.ts';

const decodeHex = (hex: string) => decodeCbor(hexToBytes(hex));
const encodeHex = (value: CborValue) => bytesToHex(encodeCbor(value));

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return isAppError(error) ? error.code : `foreign: ${String(error)}`;
  }
  return 'no error';
}

// RFC 8949 appendix A, the examples that are in our subset.
const RFC_8949_EXAMPLES: [CborValue, string][] = [
  [0, '00'],
  [23, '17'],
  [24, '1818'],
  [100, '1864'],
  [1000, '1903e8'],
  [1000000, '1a000f4240'],
  [1000000000000, '1b000000e8d4a51000'],
  [-1, '20'],
  [-10, '29'],
  [-100, '3863'],
  [-1000, '3903e7'],
  [false, 'f4'],
  [true, 'f5'],
  [null, 'f6'],
  [hexToBytes(''), '40'],
  [hexToBytes('01020304'), '4401020304'],
  ['', '60'],
  ['IETF', '6449455446'],
  ['"\\', '62225c'],
  ['\u00fc', '62c3bc'],
  ['\u6c34', '63e6b0b4'],
  ['\u{10151}', '64f0908591'],
  [[], '80'],
  [[1, [2, 3], [4, 5]], '8301820203820405'],
  [{}, 'a0'],
  [{ a: 1, b: [2, 3] }, 'a26161016162820203'],
  [
    new Map([
      [1, 2],
      [3, 4],
    ]),
    'a201020304',
  ],
];

describe('RFC 8949 appendix A', () => {
  it.each(RFC_8949_EXAMPLES)('%j is %s', (value, hex) => {
    expect(encodeHex(value)).toBe(hex);
    expect(decodeHex(hex)).toEqual(value);
  });

  it('writes the decimal fraction of §3.4.4 and a tagged COSE array', () => {
    expect(encodeHex(new Decimal(-2, 27315))).toBe('c48221196ab3');
    expect(decodeHex('c48221196ab3')).toEqual(new Decimal(-2, 27315));
    expect(encodeHex(new Sign1([hexToBytes('a0'), {}]))).toBe('d28241a0a0');
    expect(decodeHex('d28241a0a0')).toEqual(new Sign1([hexToBytes('a0'), {}]));
  });

  it('ends the integers at 2^53 − 1 on both sides', () => {
    expect(encodeHex(Number.MAX_SAFE_INTEGER)).toBe('1b001fffffffffffff');
    expect(encodeHex(Number.MIN_SAFE_INTEGER)).toBe('3b001ffffffffffffe');
    expect(decodeHex('1b001fffffffffffff')).toBe(Number.MAX_SAFE_INTEGER);
    expect(decodeHex('3b001ffffffffffffe')).toBe(Number.MIN_SAFE_INTEGER);
    expect(encodeHex(-0)).toBe('00');
  });
});

describe('the decoder refuses', () => {
  it.each([
    ['', 'no bytes'],
    ['18', 'a cut integer'],
    ['4201', 'a cut byte string'],
    ['5affffffff00', 'a length beyond the end'],
    ['5b001fffffffffffff', 'a huge length'],
    ['62e6b0', 'cut text'],
    ['8201', 'a cut array'],
    ['9affffffff', 'an array of 2^32 − 1 items'],
    ['a161', 'a cut map'],
    ['a101', 'a map without the value'],
    ['0000', 'two items'],
    ['f600', 'a byte too many'],
    ['1c', 'reserved additional information'],
    ['5d', 'reserved additional information'],
    ['fc', 'reserved additional information'],
    ['ff', 'a break'],
    ['1f', 'an indefinite integer'],
    ['62c080', 'overlong UTF-8'],
    ['63eda080', 'a surrogate in UTF-8'],
    ['61ff', 'no UTF-8'],
    ['78200102030405060708090a0b0c0d0e0f10111213141516171819ff1b1c1d1e1f20', 'long, no UTF-8'],
    ['c4', 'a tag without content'],
  ])('%s: %s, malformed', (hex) => {
    expect(codeOf(() => decodeHex(hex))).toBe('cbor/malformed');
  });

  it.each([
    ['1817', '23 in two bytes'],
    ['1900ff', '255 in three'],
    ['1a0000ffff', '65535 in five'],
    ['1b00000000ffffffff', '2^32 − 1 in nine'],
    ['3817', '−24 in two bytes'],
    ['580100', 'a long length of bytes'],
    ['5900020000', 'a long length of bytes'],
    ['7801' + '61', 'a long length of text'],
    ['9801' + '00', 'a long length of an array'],
    ['b800', 'a long length of a map'],
    ['d804820000', 'tag 4 in two bytes'],
    ['5f4100ff', 'indefinite bytes'],
    ['7f6161ff', 'indefinite text'],
    ['9f00ff', 'an indefinite array'],
    ['bf000000ff', 'an indefinite map'],
    ['a202000100', 'integer keys out of order'],
    ['a220000000', 'a negative key before a positive one'],
    ['a2000000', 'a cut map with a repeated key'],
    ['a200000001', 'an integer key twice'],
    ['a2616100616100', 'a text key twice'],
    ['a2616200616100', 'text keys out of order'],
    ['a262616100616200', 'a longer key first'],
  ])('%s: %s, not canonical', (hex) => {
    expect(codeOf(() => decodeHex(hex))).toBe('cbor/not-canonical');
  });

  it.each([
    ['f7', 'undefined'],
    ['f0', 'simple value 16'],
    ['f820', 'simple value 32'],
    ['f90000', 'a half float'],
    ['fa00000000', 'a float'],
    ['fb3ff8000000000000', 'a double'],
    ['1b0020000000000000', '2^53'],
    ['1bffffffffffffffff', '2^64 − 1'],
    ['3b001fffffffffffff', '−2^53'],
    ['c11a514b67b0', 'tag 1'],
    ['c249010000000000000000', 'a bignum'],
    ['d9d9f700', 'tag 55799'],
    ['c400', 'tag 4 over an integer'],
    ['c4820061' + '61', 'tag 4 over text'],
    ['c483000000', 'tag 4 over three items'],
    ['d240', 'tag 18 over bytes'],
    ['a1f400', 'a boolean key'],
    ['a1f600', 'a null key'],
    ['a14100' + '00', 'a bytes key'],
    ['a1800000', 'an array key'],
    ['a20000616100', 'integer and text keys'],
    ['a1695f5f70726f746f5f5fa0', '__proto__'],
  ])('%s: %s, unsupported', (hex) => {
    expect(codeOf(() => decodeHex(hex))).toBe('cbor/unsupported');
  });

  it('more than 16 levels, tags included', () => {
    const nested = (open: string, levels: number) => `${open.repeat(levels)}00`;
    expect(codeOf(() => decodeHex(nested('81', 16)))).toBe('no error');
    expect(codeOf(() => decodeHex(nested('81', 17)))).toBe('cbor/too-deep');
    expect(codeOf(() => decodeHex(nested('a100', 17)))).toBe('cbor/too-deep');
    expect(codeOf(() => decodeHex(nested('d281', 9)))).toBe('cbor/too-deep');
    expect(codeOf(() => decodeHex(nested('81', 100_000)))).toBe('cbor/too-deep');
  });

  it('anything that is not bytes', () => {
    expect(codeOf(() => decodeCbor('00' as unknown as Uint8Array))).toBe('cbor/malformed');
  });
});

describe('the decoder keeps', () => {
  it('no view of the buffer it read', () => {
    const buffer = Buffer.from('4401020304', 'hex');
    const decoded = decodeCbor(buffer);
    buffer.fill(0xff);
    expect(decoded).toEqual(hexToBytes('01020304'));
  });

  it('a leading byte order mark, a replacement character, and Object.prototype as it was', () => {
    expect(decodeHex('64efbbbf61')).toBe('\ufeffa');
    expect(decodeHex('63efbfbd')).toBe('\ufffd');
    expect(decodeHex('a16b636f6e7374727563746f7201')).toEqual({ constructor: 1 });
  });
});

describe('the encoder gives', () => {
  it.each([1, 100, 250, 300, 1000, 5000])('plain bytes with a buffer of their own, %i', (size) => {
    const bytes = encodeCbor(['x'.repeat(size), new Uint8Array(size)]);
    expect(bytes.constructor).toBe(Uint8Array);
    expect(bytes.buffer.byteLength).toBe(bytes.length);
  });
});

describe('the encoder refuses', () => {
  const holed = [1, 2];
  delete holed[0];
  const circular: CborValue[] = [];
  circular.push(circular);
  it.each<[string, unknown]>([
    ['a float', 1.5],
    ['NaN', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['2^53', 2 ** 53],
    ['undefined', undefined],
    ['undefined in an array', [undefined]],
    ['a hole', holed],
    ['undefined in a Map', new Map([[1, undefined]])],
    ['a lone surrogate', '\ud800'],
    ['a lone surrogate as key', { '\udc00': 1 }],
    ['__proto__', JSON.parse('{"__proto__": 1}')],
    ['a bigint', 1n],
    ['a symbol', Symbol.iterator],
    ['a function', () => 1],
    ['a Date', new Date(0)],
    ['a Set', new Set([1])],
    ['another typed array', new Uint16Array(1)],
    ['an ArrayBuffer', new ArrayBuffer(1)],
    ['a text key in a Map', new Map([['a', 1]])],
    ['a fractional key', new Map([[0.5, 1]])],
    ['a fractional Decimal', new Decimal(0, 0.5)],
    ['a Decimal of text', new Decimal(0, '1' as unknown as number)],
  ])('%s', (_name, value) => {
    expect(codeOf(() => encodeCbor(value as CborValue))).toBe('cbor/unsupported');
    expect(codeOf(() => encodeCbor([value] as CborValue))).toBe('cbor/unsupported');
  });

  it('too many levels, and a circle', () => {
    expect(codeOf(() => encodeCbor(circular))).toBe('cbor/too-deep');
    const decimal = (levels: number): CborValue =>
      levels === 0 ? new Decimal(0, 1) : [decimal(levels - 1)];
    expect(codeOf(() => decodeCbor(encodeCbor(decimal(14))))).toBe('no error');
    expect(codeOf(() => encodeCbor(decimal(15)))).toBe('cbor/too-deep');
  });

  it('nothing for an undefined member', () => {
    expect(encodeHex({ a: 1, b: undefined })).toBe('a1616101');
    expect(encodeHex({ b: undefined })).toBe('a0');
  });
});

const integer = fc.oneof(
  fc.maxSafeInteger(),
  fc.integer({ min: -300, max: 300 }),
  fc.constantFrom(65535, 65536, -65536, -65537, 2 ** 32 - 1, 2 ** 32, -(2 ** 32), -(2 ** 32) - 1),
);
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40, size: 'max' }),
  fc
    .array(fc.integer({ min: 0, max: 0x10ffff }), { maxLength: 8 })
    .map((points) => String.fromCodePoint(...points.filter((p) => p < 0xd800 || p > 0xdfff))),
);
const { value: anyValue } = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 4 },
    integer,
    text,
    fc.uint8Array({ maxLength: 70, size: 'max' }),
    fc.constantFrom(null, true, false),
    fc.tuple(integer, integer).map(([e, m]) => new Decimal(e, m)),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.array(tie('value'), { maxLength: 3 }).map((items) => new Sign1(items)),
    fc
      .array(fc.tuple(integer, tie('value')), { minLength: 1, maxLength: 8 })
      .map((entries) => new Map(entries)),
    fc
      .dictionary(text, tie('value'), { maxKeys: 6 })
      .filter((object) => !Object.hasOwn(object, '__proto__'))
      .map((object) => ({ ...object })),
  ),
}));

describe('properties', () => {
  it('decode(encode(v)) is v, and its encoding the same bytes', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const bytes = encodeCbor(value);
        const decoded = decodeCbor(bytes);
        expect(decoded).toEqual(value);
        expect(bytesToHex(encodeCbor(decoded))).toBe(bytesToHex(bytes));
      }),
      { numRuns: 400 },
    );
  });

  it('agrees with cborg on texts, bytes and arrays of every length of head, and on what follows them', () => {
    const lengths = [0, 23, 24, 255, 256, 1015, 1016, 1024, 65_535, 65_536, 70_000];
    for (const length of lengths) {
      const texts = ['x'.repeat(length), `${'x'.repeat(length)}皮`, `𠮷${'x'.repeat(length)}`];
      const value = [
        texts,
        new Uint8Array(length).fill(7),
        Array(length % 3000).fill(1),
        -1,
        'end',
      ];
      expect(bytesToHex(encodeCbor(value))).toBe(bytesToHex(encode(value, rfc8949EncodeOptions)));
    }
  });

  it('is not disturbed by a value that encodes while it is read', () => {
    const value = {
      a: 'before',
      get b() {
        return encodeCbor({ nested: 'other bytes' });
      },
      c: 'after',
    };
    expect(decodeCbor(encodeCbor(value))).toEqual({ ...value });
  });

  it("the key order is that of cborg's RFC 8949 sorter", () => {
    const keys = fc.uniqueArray(fc.oneof(integer, text), { maxLength: 40, size: 'max' });
    fc.assert(
      fc.property(keys, fc.boolean(), (all, numeric) => {
        const entries = all
          .filter((key) => (typeof key === 'number') === numeric && key !== '__proto__')
          .map((key) => [key, 0] as const);
        const value = numeric
          ? new Map(entries as [number, number][])
          : Object.fromEntries(entries as [string, number][]);
        const expected = encode(value, rfc8949EncodeOptions);
        expect(encodeHex(value)).toBe(bytesToHex(expected));
      }),
    );
  });

  it('what the decoder accepts is what the encoder writes; mutated bytes fail with cbor/*', () => {
    const mutation = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }), fc.boolean());
    fc.assert(
      fc.property(anyValue, fc.array(mutation, { maxLength: 3 }), (value, mutations) => {
        let bytes = Array.from(encodeCbor(value));
        for (const [at, byte, insert] of mutations) {
          bytes = bytes.toSpliced(at % bytes.length, insert ? 0 : 1, byte);
        }
        checkAccepted(Uint8Array.from(bytes));
      }),
      { numRuns: 1000 },
    );
  });

  it('random bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 24, size: 'max' }), checkAccepted), {
      numRuns: 3000,
    });
  });

  it('every head, alone and before a byte of each kind', () => {
    const kinds = '00 01 17 18 1b 20 40 60 80 a0 c4 d2 f4 f7 f8 ff'
      .split(' ')
      .map((hex) => parseInt(hex, 16));
    for (let first = 0; first < 256; first++) {
      checkAccepted(Uint8Array.of(first));
      for (const second of kinds) checkAccepted(Uint8Array.of(first, second));
    }
  });
});

const PEER = { strict: true, allowIndefinite: false, allowUndefined: false, useMaps: true };
const keep = (content: () => unknown) => content();
const PEER_TAGS = { 4: keep, 18: keep };

function checkAccepted(bytes: Uint8Array): void {
  let decoded: CborValue;
  try {
    decoded = decodeCbor(bytes);
  } catch (error) {
    if (!isAppError(error, 'cbor')) throw error;
    return;
  }
  // cborg, which is not ours, must have nothing against it either.
  decode(bytes, { ...PEER, tags: PEER_TAGS });
  if (bytesToHex(encodeCbor(decoded)) !== bytesToHex(bytes)) {
    throw new Error(`accepted ${bytesToHex(bytes)}, wrote ${bytesToHex(encodeCbor(decoded))}`);
  }
}
