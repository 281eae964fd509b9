import { expect, test } from 'vitest';
import { calendarOf } from './calendars.ts';

const dayOf = (date: string): number =>
  (Date.parse(`${date}T00:00:00Z`) - Date.parse(`${date.slice(0, 4)}-01-01T00:00:00Z`)) /
    86_400_000 +
  1;

test('holidays on weekdays and worked weekends of a year that was announced', () => {
  const calendar = calendarOf(2026);
  expect(calendar?.off).toContain(dayOf('2026-10-01'));
  expect(calendar?.off).not.toContain(dayOf('2026-10-03'));
  expect(calendar?.on).toContain(dayOf('2026-10-10'));
  expect(calendar?.on).not.toContain(dayOf('2026-10-11'));
});

test('a year that nobody announced has none', () => {
  expect(calendarOf(2090)).toBeUndefined();
});
