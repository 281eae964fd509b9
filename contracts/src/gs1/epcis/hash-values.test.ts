import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalNumber, canonicalTime, canonicalValue } from './hash-values.ts';

describe('canonical numbers', () => {
  it.each([
    ['0013.50', '13.5'],
    ['+04', '4'],
    ['-0.0', '0'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['1e3', '1000'],
    ['1.25e-3', '0.00125'],
    ['1e-7', '0.0000001'],
    ['9007199254740993.10', '9007199254740993.1'],
    ['12345678901234567890', '12345678901234567890'],
  ])('%s is %s', (text, expected) => {
    expect(canonicalNumber(text)).toBe(expected);
  });

  it.each([
    '',
    '.',
    '-',
    'e3',
    '1e',
    '1.2.3',
    '0x10',
    'NaN',
    'Infinity',
    '1_000',
    '٣',
    '2019-10-21',
    '1e1000',
  ])('%j is text', (text) => {
    expect(canonicalNumber(text)).toBe(text);
  });

  it('means the same number, and is a fixed point', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -1e15, max: 1e15 }), (number) => {
        const text = canonicalNumber(String(number));
        expect(Number(text)).toBe(number === 0 ? 0 : number);
        expect(canonicalNumber(text)).toBe(text);
        expect(canonicalNumber(`00${text}`.replace('00-', '-00'))).toBe(text);
      }),
    );
  });
});

describe('canonical values', () => {
  it.each([
    ['urn:epcglobal:cbv:bizstep:shipping', 'https://ref.gs1.org/cbv/BizStep-shipping'],
    ['urn:epcglobal:cbv:bt:6901234500011:5', 'urn:epcglobal:cbv:bt:6901234500011:5'],
    [' https://x.example/414/6901234500011?a=b ', 'https://id.gs1.org/414/6901234500011'],
    // A false check digit: no key, but still the same label on every host.
    ['https://x.example/414/6901234500012', 'https://id.gs1.org/414/6901234500012'],
    ['https://x.example/about', 'https://x.example/about'],
    ['geo:1.50,2', 'geo:1.50,2'],
  ])('%j becomes %s', (text, expected) => {
    expect(canonicalValue(text)).toBe(expected);
  });

  it('leave text that is no time alone', () => {
    expect(canonicalTime('yesterday')).toBe('yesterday');
  });
});
