import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  chineseNumeral,
  DAY_MS,
  formatDuration,
  formatMonths,
  formatSilence,
  HOUR_MS,
  YEAR_MS,
} from './duration.ts';

const plain = (text: string) => text.replaceAll('\u00a0', ' ');

describe('formatDuration', () => {
  test.each([
    [3 * YEAR_MS + 41 * DAY_MS, '3 年 41 天', '3 years 41 days'],
    [YEAR_MS, '1 年', '1 year'],
    [YEAR_MS - 1, '365 天', '365 days'],
    [61 * DAY_MS + 5 * HOUR_MS, '61 天', '61 days'],
    [2 * DAY_MS + HOUR_MS, '2 天 1 小时', '2 days 1 hour'],
    [6 * HOUR_MS, '6 小时', '6 hours'],
    [59 * 60_000, '59 分钟', '59 minutes'],
    [1_000, '1 秒', '1 second'],
    [0, '0 秒', '0 seconds'],
  ])('%i ms', (duration_ms, zh, en) => {
    expect(plain(formatDuration(duration_ms, 'zh'))).toBe(zh);
    expect(plain(formatDuration(duration_ms, 'en'))).toBe(en);
  });

  test('never says more than the time that passed', () => {
    const units = { 年: YEAR_MS, 天: DAY_MS, 小时: HOUR_MS, 分钟: 60_000, 秒: 1000 };
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40 * YEAR_MS }), (duration_ms) => {
        const said = plain(formatDuration(duration_ms, 'zh')).match(/\d+ \S+/g) ?? [];
        const said_ms = said.reduce((sum, part) => {
          const [count, unit] = part.split(' ');
          return sum + Number(count) * units[unit as keyof typeof units];
        }, 0);
        expect(said_ms).toBeLessThanOrEqual(duration_ms);
        expect(said).not.toHaveLength(0);
      }),
    );
  });
});

test('months read as a maker writes them', () => {
  expect(plain(formatMonths(60, 'zh'))).toBe('5 年');
  expect(plain(formatMonths(18, 'en'))).toBe('1 year 6 months');
  expect(plain(formatMonths(0, 'zh'))).toBe('0 个月');
});

test.each([
  [1, '一'],
  [3, '三'],
  [10, '十'],
  [12, '十二'],
  [20, '二十'],
  [99, '九十九'],
])('numeral %i', (value, text) => {
  expect(chineseNumeral(value)).toBe(text);
});

describe('formatSilence', () => {
  test.each([
    [HOUR_MS * 2.25, '2 小时 15 分钟', '2 hours 15 minutes'],
    [HOUR_MS * 2 - 1, '2 小时', '2 hours'],
    [1, '1 分钟', '1 minute'],
    [DAY_MS - 1, '1 天', '1 day'],
    [DAY_MS * 2 + 1, '2 天 1 小时', '2 days 1 hour'],
    [61 * DAY_MS + 1, '62 天', '62 days'],
    [0, '0 秒', '0 seconds'],
  ])('%d ms', (silence_ms, zh, en) => {
    expect(plain(formatSilence(silence_ms, 'zh'))).toBe(zh);
    expect(plain(formatSilence(silence_ms, 'en'))).toBe(en);
  });

  test('never says less than the time that passed, below sixty days', () => {
    const units = { 天: DAY_MS, 小时: HOUR_MS, 分钟: 60_000, 秒: 1000 };
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 * DAY_MS - 1 }), (silence_ms) => {
        const said = plain(formatSilence(silence_ms, 'zh')).match(/\d+ \S+/g) ?? [];
        const said_ms = said.reduce((sum, part) => {
          const [count, unit] = part.split(' ');
          return sum + Number(count) * units[unit as keyof typeof units];
        }, 0);
        expect(said_ms).toBeGreaterThanOrEqual(silence_ms);
      }),
    );
  });
});
