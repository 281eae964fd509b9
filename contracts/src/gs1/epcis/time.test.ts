import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTime, parseTime } from './time.ts';

describe('times of events', () => {
  it.each([
    ['1970-01-01T00:00:00Z', 0],
    ['2024-02-29T23:59:59.9995+08:00', 1_709_222_400_000],
    ['2024-02-29T15:59:59.9994Z', 1_709_222_399_999],
    ['2016-12-31T23:59:60Z', 1_483_228_800_000],
    ['2017-01-01T07:59:60+08:00', 1_483_228_800_000],
    ['0001-01-01t00:00:00.1z', -62_135_596_799_900],
  ])('reads %s', (text, time_ms) => {
    expect(parseTime(text)?.time_ms).toBe(time_ms);
  });

  it.each([
    '2023-02-29T00:00:00Z',
    '2023-13-01T00:00:00Z',
    '2023-01-00T00:00:00Z',
    '2023-01-01T24:00:00Z',
    '2023-01-01T00:00:00',
    '2023-01-01 00:00:00Z',
    '2023-01-01T00:00:60Z',
    '2023-01-01T00:00:00+24:00',
    '9999-12-31T23:59:59-01:00',
    '2023-01-01',
    '',
  ])('does not read %j', (text) => {
    expect(parseTime(text)).toBeNull();
  });

  it('agrees with Date on every millisecond, in any zone', () => {
    const time = fc.integer({ min: -62_167_219_200_000 + 86_400_000, max: 253_402_214_400_000 });
    fc.assert(
      fc.property(time, fc.integer({ min: -839, max: 839 }), (time_ms, offset_min) => {
        const utc = new Date(time_ms).toISOString();
        expect(formatTime(time_ms)).toBe(utc);
        const minutes = Math.abs(offset_min);
        const zone = `${offset_min < 0 ? '-' : '+'}${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
        const local = formatTime(time_ms + offset_min * 60_000).replace('Z', zone);
        expect(parseTime(local)).toEqual({ time_ms, utc });
      }),
    );
  });
});
