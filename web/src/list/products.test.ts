import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readProducts } from './products.ts';

const product = {
  gtin: '09520000000110',
  name: { zh: '新会陈皮', en: 'Xinhui chenpi' },
  category: 'food',
  regime: 'gi',
  sampleLink: '/01/09520000000110/10/L/21/S',
  lots: 3,
};

test('a product is read whole', () => {
  expect(readProducts({ products: [product] })).toEqual([product]);
});

test.each([
  'https://elsewhere.example/01/1',
  '//elsewhere.example',
  'javascript:alert(1)',
  '/01/\\x',
  5,
  null,
])('a sample link %j leads nowhere', (sampleLink) => {
  expect(readProducts({ products: [{ ...product, sampleLink }] })[0]?.sampleLink).toBeNull();
});

test('what is no product is dropped, and nothing throws', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), (products) => {
      expect(readProducts({ products: [...products, product] })).toContainEqual(product);
    }),
  );
  for (const body of [null, 5, 'x', {}, { products: {} }]) expect(readProducts(body)).toEqual([]);
});
