import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromHex, shortHex, toHex } from './hex.ts';

test('bytes survive hex', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      expect(fromHex(toHex(bytes), bytes.length)).toEqual(bytes.length === 0 ? null : bytes);
    }),
  );
});

test.each(['', 'zz', '0g', 'abc', '0x', 'aabb'])('%j is not one byte of hex', (text) => {
  expect(fromHex(text, 1)).toBeNull();
});

test('a short hash keeps both ends', () => {
  expect(shortHex('0123456789abcdef0123456789abcdef')).toBe('0123456789…abcdef');
  expect(shortHex('abcd')).toBe('abcd');
});
