import { expect, test } from 'vitest';
import { en } from './en.ts';
import { zh } from './zh.ts';

function strings(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => strings(each, `${path}/${key}`));
}

/** Written in the other language on purpose, for readers of the other language; or by design empty. */
const EXCEPT = /\/switchLanguage|\/regimes\/none$/;

test('every English string is written, in English', () => {
  const all = strings(en).filter(([path]) => !EXCEPT.test(path));
  expect(all.length).toBeGreaterThan(150);
  for (const [path, text] of all) {
    expect(text, path).not.toBe('');
    expect(text, path).not.toMatch(/[\u3400-\u9fff\uff00-\uffef]/);
  }
});

test('Chinese is set with Chinese punctuation', () => {
  for (const [path, text] of strings(zh).filter(([path]) => !EXCEPT.test(path))) {
    expect(text, path).not.toBe('');
    expect(text, path).not.toMatch(/[\u3400-\u9fff][,;:?!(]/);
  }
});

test('both languages explain each kind of claim and each step', () => {
  expect(Object.keys(en.explain)).toEqual(Object.keys(zh.explain));
  expect(Object.keys(en.broken)).toEqual(Object.keys(zh.step));
});
