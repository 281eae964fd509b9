import { addWorkdays, type CborValue, calendarKey } from '@suyuan/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  calendarKeys,
  chinaTime,
  finishLine,
  spanText,
  startLine,
  workdaysLeft,
} from './deadline.ts';

const NONE: ReadonlyMap<string, CborValue> = new Map();
const HOUR_MS = 3_600_000;
/** A Friday, 18:00 in China. */
const FRIDAY = Date.UTC(2026, 10, 20, 10);

describe('deadlines', () => {
  test('count working days over a weekend, and a holiday where the calendar has one', () => {
    const due = addWorkdays({ get: () => undefined }, FRIDAY, 2).due_ms;
    expect(chinaTime(due - 1)).toBe('2026-11-24 23:59 +08');
    expect(workdaysLeft(NONE, FRIDAY, due)).toBe(2);
    // 23 November 2026 is day 327 of its year.
    const calendar = { year: 2026, off: [327], on: [], by: 'regulator' };
    expect(workdaysLeft(new Map([[calendarKey(2026), calendar]]), FRIDAY, due)).toBe(1);
  });

  test('whatever was given is what is left at once', () => {
    fc.assert(
      fc.property(fc.nat(4_000_000_000_000), fc.integer({ min: 1, max: 60 }), (now, days) => {
        const { due_ms } = addWorkdays({ get: () => undefined }, now, days);
        expect(workdaysLeft(NONE, now, due_ms)).toBe(days);
        expect(workdaysLeft(NONE, due_ms, due_ms)).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  test('ask for the calendars of every year on the way', () => {
    expect(calendarKeys(Date.UTC(2026, 11, 31, 15), Date.UTC(2026, 11, 31, 17))).toEqual([
      calendarKey(2026),
      calendarKey(2027),
    ]);
  });

  test('are said in words', () => {
    const due = Date.UTC(2026, 11, 16, 16);
    expect(startLine(due, 5 * HOUR_MS)).toBe('2026-12-17 00:00 +08  5 h left');
    expect(startLine(due, -26 * HOUR_MS)).toContain('OVERDUE by 1 d 2 h');
    expect(finishLine(due, 1, 18)).toBe('2026-12-16 24:00 +08  18 working days left');
    expect(finishLine(due, 1, 1)).toContain('1 working day left');
    expect(finishLine(due, HOUR_MS, 0)).toContain('today is the last day, 1 h left');
    expect(finishLine(due, -HOUR_MS, 0)).toContain('OVERDUE by 1 h');
    expect([0, 59_999, 60_000, HOUR_MS, 90 * 60_000, 24 * HOUR_MS].map(spanText)).toEqual([
      '0 min',
      '0 min',
      '1 min',
      '1 h',
      '1 h 30 min',
      '1 d',
    ]);
  });
});
