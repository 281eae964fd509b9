import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readReveal, readScans } from './answer.ts';
import { grouped, retyped } from './code-input.ts';
import { dayBars } from './day-bars.ts';
import { parseEntries, withEntry } from './revealed-here.ts';

const ANSWER = {
  scans: 3,
  visitors: 2,
  firstDay: '2026-01-30',
  lastDay: '2026-02-02',
  days: [
    { day: '2026-01-30', scans: 2, visitors: 1 },
    { day: '2026-02-02', scans: 1, visitors: 1 },
  ],
  earlier: { days: 0, scans: 0, visitors: 0 },
  areas: { network: 1, chosen: 0 },
  reveals: { revealedAt_ms: null, again: 0 },
};

describe('the answer about scans', () => {
  it('is read as it is', () => {
    const { reveals, ...history } = ANSWER;
    expect(readScans(ANSWER)).toEqual({ history, reveals });
    expect(readScans({ ...ANSWER, reveals: null })?.reveals).toBeNull();
  });

  it.each([
    ['nothing', null],
    ['a list', []],
    ['a text for a count', { ...ANSWER, scans: '3' }],
    ['a negative count', { ...ANSWER, visitors: -1 }],
    ['a fraction', { ...ANSWER, areas: { network: 0.5, chosen: 0 } }],
    ['no days', { ...ANSWER, days: undefined }],
    ['a day that is none', { ...ANSWER, days: [{ day: '<b>', scans: 1, visitors: 1 }] }],
    ['more days than there are', { ...ANSWER, days: Array(401).fill(ANSWER.days[0]) }],
  ])('with %s shows nothing', (_what, answer) => {
    expect(readScans(answer)).toBeNull();
  });

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        readScans(value);
        readReveal(value);
      }),
    );
  });
});

describe('the answer about a code', () => {
  it.each([
    [{ outcome: 'first', revealedAt_ms: 5, height: 2, txId: 'aa', again: 0 }, 'first'],
    [{ outcome: 'again', revealedAt_ms: 5, height: 2, txId: 'aa', again: 3 }, 'again'],
    [{ outcome: 'first' }, 'late'],
    [{ outcome: 'genuine', revealedAt_ms: 5, height: 2 }, 'late'],
    [{ code: 'labels/wrong-code' }, 'wrong'],
    [{ code: 'http/too-many-requests' }, 'too-many'],
    [{ code: 'reveals/no-carrier' }, 'unavailable'],
    [{ code: 'toString' }, 'unavailable'],
    [{ code: 'http/commit-timeout' }, 'late'],
    ['<html>', 'late'],
  ])('%j is %s', (answer, kind) => {
    expect(readReveal(answer).kind).toBe(kind);
  });
});

describe('the field for a code', () => {
  it('groups by four and keeps the caret at its letter', () => {
    expect(grouped('7K0M1Q8ZA2C4E')).toBe('7K0M 1Q8Z A2C4 E');
    expect(retyped('7kom1', 5)).toEqual({ text: '7K0M 1', caret: 6 });
    expect(retyped('7K0M', 4)).toEqual({ text: '7K0M', caret: 4 });
    // A letter put into the middle: the caret stays behind it.
    expect(retyped('7KX0M 1Q', 3)).toEqual({ text: '7KX0 M1Q', caret: 3 });
    expect(retyped('  ', 2)).toEqual({ text: '', caret: 0 });
  });

  it('changes nothing any more once it is grouped', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 30 }), fc.nat(30), (typed, at) => {
        const once = retyped(typed, Math.min(at, typed.length));
        expect(retyped(once.text, once.caret)).toEqual(once);
        expect(once.caret).toBeLessThanOrEqual(once.text.length);
      }),
    );
  });
});

describe('bars of days', () => {
  it('stand for the calendar, empty days too', () => {
    const bars = dayBars(ANSWER.days);
    expect(bars.length).toBe(14);
    expect(bars.slice(-4)).toEqual([
      { day: '2026-01-30', scans: 2, share: 1 },
      { day: '2026-01-31', scans: 0, share: 0 },
      { day: '2026-02-01', scans: 0, share: 0 },
      { day: '2026-02-02', scans: 1, share: 0.5 },
    ]);
    expect(dayBars([])).toEqual([]);
    expect(dayBars([{ day: '9999-99-99', scans: 1, visitors: 1 }])).toEqual([]);
  });
});

describe('packs revealed on this device', () => {
  it('are few, each once, and nothing but what was kept is believed', () => {
    let entries = parseEntries(null);
    for (let i = 0; i < 60; i += 1) entries = withEntry(entries, `/01/${i}`, i);
    entries = withEntry(entries, '/01/59', 99);
    expect(entries.length).toBe(50);
    expect(parseEntries(JSON.stringify(entries)).at(-1)).toEqual(['/01/59', 99]);
    for (const text of ['{', '{}', '"x"', '[1,["a"],["a","b"],null]']) {
      expect(parseEntries(text)).toEqual([]);
    }
  });
});
