import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HIDDEN_CODE } from '../rules/labels/reveal.ts';
import { HIDDEN_CODE_CHARS_MAX, hiddenCodeLetters, readHiddenCode } from './hidden-code.ts';

const CODE = '7K0M1Q8ZA2C4E';

describe('a hidden code that somebody types', () => {
  it.each([
    CODE,
    '7k0m 1q8z a2c4 e',
    '7KOM-IQ8Z-A2C4-E',
    '7KoM lQ8Z A2C4 E',
    '７Ｋ０Ｍ　１Ｑ８Ｚ　Ａ２Ｃ４　Ｅ',
    ' 7K0M–1Q8Z–A2C4–E\n',
  ])('is read in %j', (typed) => {
    expect(readHiddenCode(typed)).toBe(CODE);
    expect(hiddenCodeLetters(typed)).toBe(CODE);
  });

  it.each([
    '',
    CODE.slice(1),
    CODE.repeat(2),
    `${CODE}U`,
    `U${CODE.slice(1)}`,
    `${CODE}码`,
    'ß'.repeat(13),
  ])('is none in %j', (typed) => {
    expect(readHiddenCode(typed)).toBeNull();
  });

  it('is what the ledger takes, or nothing; and typing never grows past the longest code', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (typed) => {
        const code = readHiddenCode(typed);
        if (code !== null) expect(code).toMatch(new RegExp(`^(?:${HIDDEN_CODE.source})$`));
        expect(hiddenCodeLetters(typed).length).toBeLessThanOrEqual(HIDDEN_CODE_CHARS_MAX);
      }),
    );
    const letter = fc.constantFrom(...'0123456789ABCDEFGHJKMNPQRSTVWXYZ');
    fc.assert(
      fc.property(fc.array(letter, { minLength: 13, maxLength: 20 }), (letters) => {
        const code = letters.join('');
        expect(readHiddenCode(code.toLowerCase())).toBe(code);
        expect(hiddenCodeLetters(code.replace(/(.{4})/g, '$1 '))).toBe(code);
      }),
    );
  });
});
