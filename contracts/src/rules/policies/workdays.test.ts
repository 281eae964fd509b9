import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CborValue } from '../../encoding/types.ts';
import { addWorkdays, calendarKey } from './calendar.ts';

/** A moment in China Standard Time. */
const cst = (text: string): number => Date.parse(`${text}+08:00`);

function calendars(...years: { year: number; off: number[]; on: number[] }[]) {
  const state = new Map<string, CborValue>(
    years.map((c) => [calendarKey(c.year), { ...c, by: 'regulator' }]),
  );
  return { get: (key: string) => state.get(key) };
}
const NONE = calendars();
const dayOfYear = (text: string): number =>
  (Date.parse(`${text}T00:00:00Z`) - Date.parse(`${text.slice(0, 4)}-01-01T00:00:00Z`)) /
    86_400_000 +
  1;

describe('working days', () => {
  it('are Monday to Friday without a calendar, and the answer says so', () => {
    // 2025-11-21 was a Friday.
    expect(addWorkdays(NONE, cst('2025-11-21T10:00'), 1)).toEqual({
      due_ms: cst('2025-11-25T00:00'),
      uncalendared: true,
    });
  });

  it('begin on the day after, in China Standard Time', () => {
    // Thursday 23:59 and Friday 00:01 in China are both Thursday in UTC.
    const state = calendars({ year: 2025, off: [], on: [] });
    const due = (text: string) => addWorkdays(state, cst(text), 1).due_ms;
    expect(due('2025-11-20T23:59')).toBe(cst('2025-11-22T00:00'));
    expect(due('2025-11-21T00:01')).toBe(cst('2025-11-25T00:00'));
  });

  it('skip the holidays of the calendar and count its worked weekends', () => {
    // National Day 2025: off 1 to 8 October, worked on Sunday 28 September and Saturday 11 October.
    const off = ['01', '02', '03', '06', '07', '08'].map((d) => dayOfYear(`2025-10-${d}`));
    const on = ['2025-09-28', '2025-10-11'].map(dayOfYear);
    const state = calendars({ year: 2025, off, on });
    expect(addWorkdays(state, cst('2025-09-26T09:00'), 3)).toEqual({
      due_ms: cst('2025-10-01T00:00'),
      uncalendared: false,
    });
    expect(addWorkdays(state, cst('2025-09-30T09:00'), 3).due_ms).toBe(cst('2025-10-12T00:00'));
  });

  it('cross into a year whose calendar is missing, and say so', () => {
    const state = calendars({ year: 2025, off: [], on: [] });
    expect(addWorkdays(state, cst('2025-12-29T09:00'), 2).uncalendared).toBe(false);
    expect(addWorkdays(state, cst('2025-12-29T09:00'), 3).uncalendared).toBe(true);
  });

  it('are those that counting with Date gives', () => {
    const counted = (from_ms: number, days: number, off: Set<string>): number => {
      const local = new Date(from_ms + 8 * 3_600_000);
      let at = Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate());
      for (let left = days; left > 0; ) {
        at += 86_400_000;
        const day = new Date(at);
        const weekday = day.getUTCDay();
        if (weekday !== 0 && weekday !== 6 && !off.has(day.toISOString().slice(0, 10))) left -= 1;
      }
      return at + 86_400_000 - 8 * 3_600_000;
    };
    const off2024 = ['2024-02-12', '2024-02-29', '2024-12-31'];
    const state = calendars({ year: 2024, off: off2024.map(dayOfYear), on: [] });
    fc.assert(
      fc.property(
        fc.integer({ min: cst('2023-06-01T00:00'), max: cst('2026-06-01T00:00') }),
        fc.integer({ min: 1, max: 300 }),
        (from_ms, days) => {
          expect(addWorkdays(state, from_ms, days).due_ms).toBe(
            counted(from_ms, days, new Set(off2024)),
          );
        },
      ),
    );
  });
});
