import { describe, expect, test } from 'vitest';
import { decidePin, formatRemembered, parsePin, parseRemembered } from './pin.ts';

const A = 'a'.repeat(64);
const B = 'b'.repeat(64);
const NOW_MS = 1_800_000_000_000;
const remembered = { genesis: A, since_ms: NOW_MS - 1000 };

describe('decidePin', () => {
  test('the first word of a server is taken and remembered', () => {
    expect(decidePin({ genesis: A, source: 'server' }, null, NOW_MS)).toEqual({
      kind: 'trusted',
      pin: { genesis: A, since_ms: NOW_MS },
      source: 'first',
    });
  });

  test('the same word again keeps its first date', () => {
    expect(decidePin({ genesis: A, source: 'server' }, remembered, NOW_MS)).toEqual({
      kind: 'trusted',
      pin: remembered,
      source: 'remembered',
    });
  });

  test.each(['server', 'build'] as const)(
    'another word of the %s is put to the reader',
    (source) => {
      expect(decidePin({ genesis: B, source }, remembered, NOW_MS)).toEqual({
        kind: 'changed',
        remembered,
        offered: B,
      });
    },
  );

  test('out of reach, memory serves; without memory nothing is trusted', () => {
    expect(decidePin(null, remembered, NOW_MS)).toEqual({
      kind: 'trusted',
      pin: remembered,
      source: 'remembered',
    });
    expect(decidePin(null, null, NOW_MS)).toEqual({ kind: 'missing' });
  });
});

test('memory survives its text form', () => {
  expect(parseRemembered(formatRemembered(remembered))).toEqual(remembered);
});

test.each([null, '', A, `${A}@`, `${A}@-1`, `${A}@x`, `${A.slice(1)}@5`, `@5`, `${A}@1e400`])(
  'memory %j is no pin',
  (text) => {
    const parsed = parseRemembered(text);
    // "…@" reads as the year 1970: a pin without a date is still the pin.
    if (text === `${A}@`) expect(parsed).toEqual({ genesis: A, since_ms: 0 });
    else expect(parsed).toBeNull();
  },
);

test('a pin is 64 hex digits, in any case', () => {
  expect(parsePin(` ${A.toUpperCase()}\n`)).toBe(A);
  for (const bad of ['', 'x'.repeat(64), A.slice(1), `${A}0`, null, undefined]) {
    expect(parsePin(bad)).toBeNull();
  }
});
