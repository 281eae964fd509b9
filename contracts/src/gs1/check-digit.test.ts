import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  assertGln,
  assertGtin14,
  checkDigit,
  hasCheckDigit,
  hasCheckPair,
  isGln,
  isGtin14,
  toGtin14,
} from './check-digit.ts';

describe('check digits', () => {
  it('are right for keys of every length', () => {
    // GTIN-8, -12, -13, -14, GLN, SSCC, GSRN
    for (const key of [
      '96385074',
      '614141000036',
      '4006381333931',
      '10614141000415',
      '9521321000018',
      '340123453111111115',
      '401234500000067657',
    ]) {
      expect(hasCheckDigit(key), key).toBe(true);
    }
    expect(hasCheckDigit('0')).toBe(false);
    expect(hasCheckDigit('')).toBe(false);
  });

  it('catch every change of one digit', () => {
    const digits = fc.array(fc.nat(9), { minLength: 1, maxLength: 17 });
    fc.assert(
      fc.property(digits, fc.nat(), fc.integer({ min: 1, max: 9 }), (body, at, by) => {
        const key = [...body, checkDigit(body.join(''))];
        expect(hasCheckDigit(key.join(''))).toBe(true);
        const i = at % key.length;
        key[i] = (key[i]! + by) % 10;
        expect(hasCheckDigit(key.join(''))).toBe(false);
      }),
    );
  });

  it('tell GTIN-14 and GLN from the rest', () => {
    expect(isGtin14('06901234567892')).toBe(true);
    expect(isGln('6901234567892')).toBe(true);
    for (const bad of [
      '',
      '6901234567892',
      '06901234567893',
      '0690123456789x',
      '０6901234567892',
    ]) {
      expect(isGtin14(bad), bad).toBe(false);
      expect(() => assertGtin14(bad)).toThrow(expect.objectContaining({ code: 'gs1/bad-gtin' }));
    }
    expect(() => assertGln('06901234567892')).toThrow(
      expect.objectContaining({ code: 'gs1/bad-gln' }),
    );
  });

  it('put short GTINs into 14 digits', () => {
    expect(toGtin14('96385074')).toBe('00000096385074');
    expect(toGtin14('614141000036')).toBe('00614141000036');
    expect(toGtin14('6901234567892')).toBe('06901234567892');
    for (const bad of [
      '',
      '5074',
      '6901234567893',
      '69012345678',
      '006901234567892',
      '690123456789２',
    ]) {
      expect(() => toGtin14(bad), bad).toThrow(expect.objectContaining({ code: 'gs1/bad-gtin' }));
    }
  });

  it('know the check pair of a GMN', () => {
    expect(hasCheckPair('1987654Ad4X4bL5ttr2310c2K')).toBe(true);
    expect(hasCheckPair('1987654Ad4X4bL5ttr2310c2L')).toBe(false);
    expect(hasCheckPair('1987654Ad4X4bL5ttr2301c2K')).toBe(false);
    expect(hasCheckPair('2K')).toBe(false);
    expect(hasCheckPair('1987654#d2K')).toBe(false);
  });
});
