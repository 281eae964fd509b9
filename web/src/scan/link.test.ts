import { expect, test } from 'vitest';
import { bundleFileName, readLink } from './link.ts';

const GTIN = '09520000000110';
const valid = (gtin: string) => {
  const body = gtin.slice(0, 13);
  const sum = [...body].reduce((s, d, i) => s + Number(d) * (i % 2 === 0 ? 3 : 1), 0);
  return body + String((10 - (sum % 10)) % 10);
};
const G = valid(GTIN);

test('product, lot and unit', () => {
  expect(readLink(`/01/${G}`)).toEqual({ path: `/01/${G}`, gtin: G, lot: null, serial: null });
  expect(readLink(`/01/${G}/10/L-1/`)).toMatchObject({ path: `/01/${G}/10/L-1`, lot: 'L-1' });
  expect(readLink(`/01/${G}/10/A%2FB/21/S%231`)).toMatchObject({ lot: 'A/B', serial: 'S#1' });
});

test('a GTIN-13 is the same product', () => {
  expect(readLink(`/01/${G.slice(1)}`)?.gtin).toBe(G);
});

test.each([
  '/',
  '/scan.html',
  '/01/',
  '/01/123',
  `/01/${G.slice(0, 13)}${(Number(G[13]) + 1) % 10}`,
  `/01/${G}/10/`,
  `/01/${G}/10/%E0%A4`,
  `/01/${G}/99/X`,
  `/01/${G}/21/S/10/L`,
  `/01/${G}/10/${'x'.repeat(200)}`,
  `//01/${G}`,
])('%s is no product link', (path) => {
  expect(readLink(path)).toBeNull();
});

test('file names are safe everywhere', () => {
  const link = { path: '', gtin: G, lot: '../a b', serial: 'C:"*' };
  expect(bundleFileName(link)).toBe(`suyuan-${G}-.._a_b-C___.cbor`);
  expect(bundleFileName(null)).toBe('suyuan-evidence.cbor');
});
