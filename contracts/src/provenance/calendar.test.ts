import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayStart_ms, daysFromCivil } from './calendar.ts';

const DAY_MS = 86_400_000;

describe('the calendar, against Date', () => {
  it('counts every day from 1600 to 2400', () => {
    const first = Date.UTC(1600, 0, 1) / DAY_MS;
    const last = Date.UTC(2400, 11, 31) / DAY_MS;
    let wrong = 0;
    for (let n = first; n <= last; n += 1) {
      const date = new Date(n * DAY_MS);
      const days = daysFromCivil(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate());
      if (days !== n) wrong += 1;
    }
    expect(wrong).toBe(0);
    expect(last - first).toBe(292_559);
  });

  it('starts days of months', () => {
    expect(dayStart_ms('1970-01', 1)).toBe(0);
    expect(dayStart_ms('2024-02', 29)).toBe(Date.UTC(2024, 1, 29));
    fc.assert(
      fc.property(
        fc.integer({ min: 1600, max: 2400 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 31 }),
        (year, month, day) => {
          const text = `${year}-${String(month).padStart(2, '0')}`;
          // Date, too, lets a day beyond the month's end run on.
          expect(dayStart_ms(text, day)).toBe(Date.UTC(year, month - 1, day));
        },
      ),
    );
  });
});
