import { expect, test } from 'vitest';
import { formatJin, formatMass } from './mass.ts';

const plain = (text: string) => text.replaceAll('\u00a0', ' ');

test.each([
  [250, '250 克', '250 g'],
  [999, '999 克', '999 g'],
  [1_248_000, '1,248 公斤', '1,248 kg'],
  [1_250, '1.25 公斤', '1.25 kg'],
  [25_000_000, '25 吨', '25 t'],
])('%i g', (mass_g, zh, en) => {
  expect(plain(formatMass(mass_g, 'zh'))).toBe(zh);
  expect(plain(formatMass(mass_g, 'en'))).toBe(en);
});

test('a jin is half a kilogram', () => {
  expect(plain(formatJin(250))).toBe('0.5 斤');
  expect(plain(formatJin(1_248_000))).toBe('2,496 斤');
});
