import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAppError } from '../errors.ts';
import {
  base64urlToBytes,
  bytesToBase64url,
  bytesToHex,
  bytesToUtf8,
  compareBytes,
  concatBytes,
  equalBytes,
  hexToBytes,
  isWellFormedText,
  utf8ToBytes,
} from './bytes.ts';

/** Any well-formed text; fast-check's own unit for it takes a second to prepare. */
const anyText = fc
  .array(fc.integer({ min: 0, max: 0x10ffff }), { maxLength: 20 })
  .map((points) => String.fromCodePoint(...points.filter((p) => p < 0xd800 || p > 0xdfff)));
const bytes = fc.uint8Array({ maxLength: 70, size: 'max' });

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return isAppError(error) ? error.code : `foreign: ${String(error)}`;
  }
  return 'no error';
}

describe('hex', () => {
  it('agrees with Buffer both ways', () => {
    fc.assert(
      fc.property(bytes, (b) => {
        const hex = Buffer.from(b).toString('hex');
        expect(bytesToHex(b)).toBe(hex);
        expect(equalBytes(hexToBytes(hex.toUpperCase()), b)).toBe(true);
      }),
    );
  });

  it.each(['0', 'zz', '0x', ' 00', '00\n', '００'])('refuses %j', (text) => {
    expect(codeOf(() => hexToBytes(text))).toBe('bytes/not-hex');
  });
});

describe('base64url', () => {
  it('agrees with Buffer both ways', () => {
    fc.assert(
      fc.property(bytes, (b) => {
        const text = Buffer.from(b).toString('base64url');
        expect(bytesToBase64url(b)).toBe(text);
        expect(bytesToHex(base64urlToBytes(text))).toBe(bytesToHex(b));
      }),
    );
  });

  it('accepts one spelling of each value only', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), (text) => {
        const code = codeOf(() => base64urlToBytes(text));
        if (code === 'no error') expect(bytesToBase64url(base64urlToBytes(text))).toBe(text);
        else expect(code).toBe('bytes/not-base64url');
      }),
    );
  });

  it.each(['A', 'AB', 'AA==', 'A+AA', 'A/AA', 'AAAA\n', 'AAB', 'ÿAAA', 'AA A'])(
    'refuses %j',
    (text) => {
      expect(codeOf(() => base64urlToBytes(text))).toBe('bytes/not-base64url');
    },
  );
});

describe('UTF-8', () => {
  it('returns what it was given, byte order mark included', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(bytesToUtf8(utf8ToBytes(text))).toBe(text);
      }),
    );
    expect(bytesToUtf8(utf8ToBytes('\ufeff陈皮'))).toBe('\ufeff陈皮');
  });

  it.each(['c080', 'eda080', 'f4908080', 'ff', 'e696', '80'])('refuses %s', (hex) => {
    expect(codeOf(() => bytesToUtf8(hexToBytes(hex)))).toBe('bytes/not-utf8');
  });

  it('knows a lone surrogate', () => {
    expect(['\ud800', 'a\udc00', '\udc00\ud800'].map(isWellFormedText)).toEqual([
      false,
      false,
      false,
    ]);
    expect(['', '𠮷', '溯源'].map(isWellFormedText)).toEqual([true, true, true]);
  });
});

describe('order and equality', () => {
  it('is the order of Buffer.compare', () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(a, b));
        expect(equalBytes(a, b)).toBe(Buffer.compare(a, b) === 0);
        expect(equalBytes(a, a.slice())).toBe(true);
      }),
    );
  });

  it('concatenates in order', () => {
    expect(bytesToHex(concatBytes(hexToBytes('01'), hexToBytes(''), hexToBytes('0203')))).toBe(
      '010203',
    );
  });
});
