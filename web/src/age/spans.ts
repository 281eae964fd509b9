// One band out of the bands of several stays. A lot made of two stored lots has two pasts at once; where they disagree the
// weaker counts, and where none says anything nothing is recorded.

import type { AgeSpan } from '../verify/types.ts';

type State = AgeSpan['state'];

const WEAKEST_FIRST: readonly State[] = ['unrecorded', 'gap', 'attested', 'proven'];

/** Ascending, disjoint and without holes, from the first beginning to the last end; neighbours of one state joined. */
export function mergeSpans(spans: readonly AgeSpan[]): AgeSpan[] {
  const edges = [...new Set(spans.flatMap((span) => [span.from_ms, span.to_ms]))].sort(
    (a, b) => a - b,
  );
  const sorted = [...spans].sort((a, b) => a.from_ms - b.from_ms);
  const merged: AgeSpan[] = [];
  let open: AgeSpan[] = [];
  let next = 0;
  for (const [i, from_ms] of edges.entries()) {
    const to_ms = edges[i + 1];
    if (to_ms === undefined) break;
    open = open.filter((span) => span.to_ms > from_ms);
    for (
      let span = sorted[next];
      span !== undefined && span.from_ms <= from_ms;
      span = sorted[next]
    ) {
      if (span.to_ms > from_ms) open.push(span);
      next += 1;
    }
    const state =
      WEAKEST_FIRST.find((each) => open.some((span) => span.state === each)) ?? 'unrecorded';
    const last = merged.at(-1);
    if (last?.state === state) merged[merged.length - 1] = { ...last, to_ms };
    else merged.push({ from_ms, to_ms, state });
  }
  return merged;
}

export function timeIn_ms(spans: readonly AgeSpan[], ...states: readonly State[]): number {
  return spans.reduce(
    (sum, span) => (states.includes(span.state) ? sum + span.to_ms - span.from_ms : sum),
    0,
  );
}
