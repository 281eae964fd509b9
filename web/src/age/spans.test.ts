import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AgeSpan } from '../verify/types.ts';
import { mergeSpans, timeIn_ms } from './spans.ts';

const span = (from_ms: number, to_ms: number, state: AgeSpan['state']): AgeSpan => ({
  from_ms,
  to_ms,
  state,
});

test('two pasts at once are as good as the weaker', () => {
  expect(mergeSpans([span(0, 10, 'proven'), span(5, 20, 'gap')])).toEqual([
    span(0, 5, 'proven'),
    span(5, 20, 'gap'),
  ]);
});

test('between two stays nothing is recorded', () => {
  expect(mergeSpans([span(0, 5, 'attested'), span(8, 9, 'proven')])).toEqual([
    span(0, 5, 'attested'),
    span(5, 8, 'unrecorded'),
    span(8, 9, 'proven'),
  ]);
});

const states = fc.constantFrom<AgeSpan['state']>('proven', 'attested', 'gap', 'unrecorded');
const spans = fc.array(
  fc
    .tuple(fc.integer({ min: 0, max: 99 }), fc.integer({ min: 1, max: 40 }), states)
    .map(([from_ms, length_ms, state]) => span(from_ms, from_ms + length_ms, state)),
  { minLength: 1, maxLength: 12 },
);

test('merged spans tile the time, and never hold more evidence than any moment had', () => {
  fc.assert(
    fc.property(spans, (input) => {
      const merged = mergeSpans(input);
      const first = Math.min(...input.map((each) => each.from_ms));
      const last = Math.max(...input.map((each) => each.to_ms));
      expect(merged[0]?.from_ms).toBe(first);
      expect(merged.at(-1)?.to_ms).toBe(last);
      for (const [i, each] of merged.entries()) {
        if (i > 0) expect(each.from_ms).toBe(merged[i - 1]?.to_ms);
        if (i > 0) expect(each.state).not.toBe(merged[i - 1]?.state);
      }
      let proven = 0;
      for (let at = first; at < last; at += 1) {
        const there = input.filter((each) => each.from_ms <= at && each.to_ms > at);
        if (there.length > 0 && there.every((each) => each.state === 'proven')) proven += 1;
      }
      expect(timeIn_ms(merged, 'proven')).toBe(proven);
    }),
  );
});
