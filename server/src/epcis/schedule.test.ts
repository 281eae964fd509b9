import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextRun, readSchedule } from './schedule.ts';

const next = (schedule: object, after: string): string | undefined => {
  const found = nextRun(readSchedule(schedule), Date.parse(after));
  return found === undefined ? undefined : new Date(found).toISOString();
};

describe('the next run of a schedule', () => {
  it('is the first time after, never the same', () => {
    expect(next({ second: '0', minute: '30' }, '2026-01-02T03:29:59.999Z')).toBe(
      '2026-01-02T03:30:00.000Z',
    );
    expect(next({ second: '0', minute: '30' }, '2026-01-02T03:30:00Z')).toBe(
      '2026-01-02T04:30:00.000Z',
    );
    expect(next({ second: '[10-12],50' }, '2026-01-02T03:30:12Z')).toBe('2026-01-02T03:30:50.000Z');
    expect(next({ second: '[10-12],50' }, '2026-01-02T03:30:50Z')).toBe('2026-01-02T03:31:10.000Z');
  });

  it('takes what is finer than its finest field as 0', () => {
    expect(next({ hour: '2' }, '2026-01-02T03:00:00Z')).toBe('2026-01-03T02:00:00.000Z');
    expect(next({ minute: '15' }, '2026-01-02T03:00:00Z')).toBe('2026-01-02T03:15:00.000Z');
    // A day alone is every full hour of it: hours are free as long as none is named.
    expect(next({ dayOfMonth: '5' }, '2026-01-02T03:00:00Z')).toBe('2026-01-05T00:00:00.000Z');
    expect(next({ dayOfMonth: '5' }, '2026-01-05T00:00:00Z')).toBe('2026-01-05T01:00:00.000Z');
  });

  it('counts weekdays from Monday to Sunday, in UTC whatever the zone of the moment', () => {
    // 2026-01-02 is a Friday.
    expect(next({ dayOfWeek: '1', hour: '8' }, '2026-01-02T00:00:00Z')).toBe(
      '2026-01-05T08:00:00.000Z',
    );
    expect(next({ dayOfWeek: '7', hour: '0' }, '2026-01-02T00:00:00Z')).toBe(
      '2026-01-04T00:00:00.000Z',
    );
    // Already Saturday in China, still Friday in UTC.
    expect(next({ dayOfWeek: '5', hour: '23' }, '2026-01-03T02:00:00+08:00')).toBe(
      '2026-01-02T23:00:00.000Z',
    );
  });

  it('crosses months and years, finds leap days, and knows days that never come', () => {
    expect(next({ month: '1', dayOfMonth: '1', hour: '0' }, '2026-01-01T00:00:00Z')).toBe(
      '2027-01-01T00:00:00.000Z',
    );
    expect(next({ month: '2', dayOfMonth: '29', hour: '12' }, '2026-03-01T00:00:00Z')).toBe(
      '2028-02-29T12:00:00.000Z',
    );
    expect(next({ dayOfMonth: '31', hour: '0' }, '2026-04-01T00:00:00Z')).toBe(
      '2026-05-31T00:00:00.000Z',
    );
    expect(next({ month: '2', dayOfMonth: '31' }, '2026-01-01T00:00:00Z')).toBeUndefined();
  });

  it('fits its fields, lies ahead, and nothing before it fits', () => {
    const range = (low: number, high: number) => fc.integer({ min: low, max: high }).map(String);
    const schedule = fc.record(
      { second: range(0, 59), minute: range(0, 59), hour: range(0, 23), dayOfWeek: range(1, 7) },
      { requiredKeys: ['minute'] },
    );
    const moment = fc.integer({ min: 0, max: Date.UTC(2100, 0) });
    fc.assert(
      fc.property(schedule, moment, (wish, after_ms) => {
        const found = nextRun(wish, after_ms) as number;
        expect(found).toBeGreaterThan(after_ms);
        // Runs of one minute are an hour, a day or a week apart at most.
        const apart_ms = (wish.dayOfWeek === undefined ? 1 : 7) * 86_400_000;
        expect(found - after_ms).toBeLessThanOrEqual(apart_ms);
        const at = new Date(found);
        expect(at.getUTCMinutes()).toBe(Number(wish.minute));
        expect(at.getUTCSeconds()).toBe(Number(wish.second ?? 0));
        if (wish.hour !== undefined) expect(at.getUTCHours()).toBe(Number(wish.hour));
        if (wish.dayOfWeek !== undefined) expect(at.getUTCDay() || 7).toBe(Number(wish.dayOfWeek));
        expect(nextRun(wish, found - 1)).toBe(found);
      }),
      { numRuns: 100 },
    );
  });
});

describe('a schedule', () => {
  it.each([
    [undefined],
    [{}],
    [[]],
    ['daily'],
    [{ year: '2026' }],
    [{ hour: 2 }],
    [{ hour: '24' }],
    [{ hour: '' }],
    [{ hour: '5-2' }],
    [{ hour: '[5-2]' }],
    [{ hour: '[5' }],
    [{ hour: '1,,2' }],
    [{ hour: '*' }],
    [{ dayOfWeek: '0' }],
    [{ minute: '1'.repeat(300) }],
    [{ __proto__x: '1' }],
  ])('is refused when it is %j', (given) => {
    const code = expect.objectContaining({ code: 'epcis/subscription' });
    expect(() => readSchedule(given)).toThrow(code);
  });
});
