// Geometry of the age band: time becomes length, evidence becomes texture. What is too short to see as an area becomes a
// mark of fixed size, and is drawn as a mark, so that it never reads as more time than it is.

import { DAY_MS, MONTH_MS, YEAR_MS } from '../format/duration.ts';
import type { AgeSpan } from '../verify/types.ts';

export interface BandPart {
  readonly x: number;
  readonly width: number;
  readonly state: AgeSpan['state'] | 'before';
  /** Depth of the peel's colour at both ends, 0…1: covered time so far against five years. */
  readonly depth: readonly [number, number];
}

export interface Band {
  readonly from_ms: number;
  readonly to_ms: number;
  readonly parts: readonly BandPart[];
  /** Gaps too short for an area: cuts through the band, at their middle. */
  readonly cuts: readonly number[];
  /** Packs checked here, too short for an area: ticks under the band. */
  readonly ticks: readonly number[];
  readonly marks: readonly { readonly x: number; readonly time_ms: number }[];
}

const FULL_DEPTH_MS = 5 * YEAR_MS;
const VISIBLE = 3;
const CUT_SPACING = 2;

/** Keeps marks at least `spacing` apart: a cluster shows as one. */
function thinned(positions: readonly number[], spacing: number): number[] {
  const kept: number[] = [];
  for (const x of positions) {
    const last = kept.at(-1);
    if (last === undefined || x - last >= spacing) kept.push(x);
  }
  return kept;
}

/**
 * @param spans ascending and disjoint, from the lot's making until now
 * @param claimed_months the age on the label: the band begins where the label says the ageing began
 * @param width in the drawing's units
 */
export function layoutBand(
  spans: readonly AgeSpan[],
  claimed_months: number | null,
  width: number,
): Band {
  const first = spans[0];
  const last = spans.at(-1);
  if (first === undefined || last === undefined || last.to_ms <= first.from_ms) {
    return { from_ms: 0, to_ms: 0, parts: [], cuts: [], ticks: [], marks: [] };
  }
  const to_ms = last.to_ms;
  const claimed_ms = (claimed_months ?? 0) * MONTH_MS;
  // A label's "3 years" on a lot of 3 years and a week is no earlier beginning.
  const from_ms = to_ms - claimed_ms < first.from_ms - DAY_MS ? to_ms - claimed_ms : first.from_ms;
  const x = (time_ms: number) => ((time_ms - from_ms) / (to_ms - from_ms)) * width;

  const parts: BandPart[] = [];
  const cuts: number[] = [];
  const ticks: number[] = [];
  let covered_ms = 0;
  if (from_ms < first.from_ms) {
    parts.push({ x: 0, width: x(first.from_ms), state: 'before', depth: [0, 0] });
  }
  for (const span of spans) {
    const left = x(span.from_ms);
    const length = x(span.to_ms) - left;
    const covers = span.state === 'proven' || span.state === 'attested';
    const start = Math.min(1, covered_ms / FULL_DEPTH_MS);
    if (covers) covered_ms += span.to_ms - span.from_ms;
    const depth = [start, Math.min(1, covered_ms / FULL_DEPTH_MS)] as const;
    if (span.state === 'gap' && length < VISIBLE) {
      cuts.push(left + length / 2);
      continue;
    }
    if (span.state === 'proven' && length < VISIBLE) ticks.push(left + length / 2);
    const state = span.state === 'proven' && length < VISIBLE ? 'attested' : span.state;
    const previous = parts.at(-1);
    if (previous?.state === state && left - (previous.x + previous.width) < VISIBLE) {
      parts[parts.length - 1] = {
        ...previous,
        width: left + length - previous.x,
        depth: [previous.depth[0], depth[1]],
      };
    } else parts.push({ x: left, width: length, state, depth });
  }
  return {
    from_ms,
    to_ms,
    parts,
    cuts: thinned(cuts, CUT_SPACING),
    ticks: thinned(ticks, CUT_SPACING),
    marks: [
      { x: 0, time_ms: from_ms },
      ...(from_ms < first.from_ms ? [{ x: x(first.from_ms), time_ms: first.from_ms }] : []),
      { x: width, time_ms: to_ms },
    ],
  };
}

const STOPS = [
  [243, 178, 90],
  [224, 138, 46],
  [183, 95, 28],
  [124, 61, 20],
  [74, 36, 16],
] as const;

/** The peel's colour at a depth of 0…1, through the five tokens `--peel-0` … `--peel-4`. */
export function peelColour(depth: number): string {
  const at = Math.min(1, Math.max(0, depth)) * (STOPS.length - 1);
  const low = Math.min(STOPS.length - 2, Math.floor(at));
  const a = STOPS[low] ?? STOPS[0];
  const b = STOPS[low + 1] ?? STOPS[4];
  const mix = (i: 0 | 1 | 2) => Math.round(a[i] + (b[i] - a[i]) * (at - low));
  return `rgb(${mix(0)} ${mix(1)} ${mix(2)})`;
}
