import { expect, test } from 'vitest';
import { chooseLocale } from './locale.ts';

test.each([
  [null, ['zh-CN', 'en'], 'zh'],
  [null, ['zh-Hant-HK'], 'zh'],
  [null, ['fr-FR', 'en-GB', 'zh'], 'en'],
  [null, ['fr-FR'], 'en'],
  [null, [], 'zh'],
  ['en', ['zh-CN'], 'en'],
  ['xx', ['zh-CN'], 'zh'],
] as const)('remembered %j, preferred %j', (remembered, preferred, locale) => {
  expect(chooseLocale(remembered, preferred)).toBe(locale);
});
