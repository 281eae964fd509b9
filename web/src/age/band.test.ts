import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { partly } from '../fixtures/verdicts.ts';
import { DAY_MS, HOUR_MS, YEAR_MS } from '../format/duration.ts';
import type { AgeSpan } from '../verify/types.ts';
import { layoutBand, peelColour } from './band.ts';
import { mergeSpans } from './spans.ts';

const span = (from_ms: number, to_ms: number, state: AgeSpan['state']): AgeSpan => ({
  from_ms,
  to_ms,
  state,
});

describe('layoutBand', () => {
  test('an empty band draws nothing', () => {
    expect(layoutBand([], 60, 300).parts).toEqual([]);
    expect(layoutBand([span(5, 5, 'proven')], null, 300).parts).toEqual([]);
  });

  test('time that only the label knows stands before the first record', () => {
    const band = layoutBand([span(3 * YEAR_MS, 5 * YEAR_MS, 'attested')], 60, 500);
    expect(band.parts.map((part) => part.state)).toEqual(['before', 'attested']);
    expect(band.parts[0]?.width).toBeCloseTo(300, 5);
  });

  test('a label that claims no more than the records moves nothing', () => {
    const band = layoutBand([span(0, 3 * YEAR_MS, 'attested')], 36, 500);
    expect(band.parts).toHaveLength(1);
    expect(band.from_ms).toBe(0);
  });

  test('a short gap is a cut, a long one an area', () => {
    const spans = [
      span(0, 400 * DAY_MS, 'attested'),
      span(400 * DAY_MS, 400 * DAY_MS + HOUR_MS, 'gap'),
      span(400 * DAY_MS + HOUR_MS, 700 * DAY_MS, 'attested'),
      span(700 * DAY_MS, 800 * DAY_MS, 'gap'),
      span(800 * DAY_MS, 1000 * DAY_MS, 'proven'),
    ];
    const band = layoutBand(spans, null, 300);
    expect(band.cuts).toHaveLength(1);
    expect(band.parts.map((part) => part.state)).toEqual(['attested', 'gap', 'proven']);
  });

  test('a pack checked by chance is a tick, not a stretch of proven time', () => {
    const band = layoutBand(mergeSpans(partly.age), 60, 320);
    expect(band.ticks.length).toBeGreaterThanOrEqual(16);
    const proven = band.parts.filter((part) => part.state === 'proven');
    expect(proven.reduce((sum, part) => sum + part.width, 0)).toBeLessThan(3);
  });

  test('the peel darkens with covered time, never while nothing is recorded', () => {
    const year = [
      span(0, YEAR_MS, 'attested'),
      span(YEAR_MS, 3 * YEAR_MS, 'gap'),
      span(3 * YEAR_MS, 4 * YEAR_MS, 'attested'),
    ];
    const [first, , last] = layoutBand(year, null, 400).parts;
    expect(first?.depth).toEqual([0, 0.2]);
    expect(last?.depth).toEqual([0.2, 0.4]);
  });

  test('parts lie inside the band, in order', () => {
    const states = fc.constantFrom<AgeSpan['state']>('proven', 'attested', 'gap', 'unrecorded');
    const spans = fc.array(fc.tuple(fc.integer({ min: 1, max: 400 * DAY_MS }), states), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(spans, fc.option(fc.integer({ min: 0, max: 240 })), (lengths, months) => {
        let at = 0;
        const list = lengths.map(([length_ms, state]) => {
          at += length_ms;
          return span(at - length_ms, at, state);
        });
        const band = layoutBand(mergeSpans(list), months, 320);
        let x = 0;
        for (const part of band.parts) {
          expect(part.x).toBeGreaterThanOrEqual(x - 1e-6);
          x = part.x + part.width;
          expect(x).toBeLessThanOrEqual(320 + 1e-6);
          expect(part.depth[1]).toBeGreaterThanOrEqual(part.depth[0]);
        }
      }),
    );
  });
});

test('the peel runs from pale to dark and stays there', () => {
  expect(peelColour(0)).toBe('rgb(243 178 90)');
  expect(peelColour(1)).toBe('rgb(74 36 16)');
  expect(peelColour(7)).toBe(peelColour(1));
  expect(peelColour(-1)).toBe(peelColour(0));
});
