import { expect, test } from 'vitest';
import { askedLocale, chooseLocale } from './locale.ts';

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

test.each([
  ['?lang=zh', 'zh'],
  ['?lang=en', 'en'],
  ['?x=1&lang=EN-GB', 'en'],
  ['?lang=fr', null],
  ['?lang=', null],
  ['', null],
] as const)('a link with %j asks for %j', (search, locale) => {
  expect(askedLocale(search)).toBe(locale);
});

test('what the link asks for goes before what is remembered', () => {
  expect(chooseLocale('en', ['en'], 'zh')).toBe('zh');
  expect(chooseLocale('zh', ['en'], null)).toBe('zh');
});
