// The plot in pixels: one band, one line, holes and a rail of evidence from bins. Nothing is drawn across a hole.

import { quantityScale } from '../format/quantity.ts';
import { type Bin, runsOf } from './bins.ts';
import { niceTicks } from './scale.ts';

export interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly from_ms: number;
  readonly to_ms: number;
}

export interface Stretch {
  readonly x: number;
  readonly width: number;
}

export interface PlotLayout {
  readonly ticks: readonly { readonly y: number; readonly label: string }[];
  /** SVG path of the area between minimum and maximum, a subpath for each unbroken run. */
  readonly band: string;
  /** SVG path of the mean. */
  readonly line: string;
  /** Where nothing is known, each wide enough to be seen. */
  readonly holes: readonly Stretch[];
  /** One part for each stretch of one grade. */
  readonly rail: readonly (Stretch & { readonly grade: Bin['grade'] })[];
}

const HOLE_WIDTH_MIN = 2;
const RAIL_WIDTH_MIN = 2;
const px = (value: number) => value.toFixed(1);

export function timeToX(time_ms: number, frame: Frame): number {
  const share = (time_ms - frame.from_ms) / (frame.to_ms - frame.from_ms);
  return frame.left + Math.min(1, Math.max(0, share)) * (frame.right - frame.left);
}

export function xToTime(x: number, frame: Frame): number {
  const share = (x - frame.left) / (frame.right - frame.left);
  return frame.from_ms + Math.min(1, Math.max(0, share)) * (frame.to_ms - frame.from_ms);
}

function railOf(bins: readonly Bin[], frame: Frame, tolerance_ms: number): PlotLayout['rail'] {
  const parts: { from_ms: number; to_ms: number; grade: Bin['grade'] }[] = [];
  for (const bin of bins) {
    const last = parts.at(-1);
    const follows = last !== undefined && bin.from_ms - last.to_ms <= tolerance_ms;
    if (follows && last.grade === bin.grade) last.to_ms = bin.to_ms;
    else parts.push({ from_ms: bin.from_ms, to_ms: bin.to_ms, grade: bin.grade });
  }
  return parts.map((part) => {
    const x = timeToX(part.from_ms, frame);
    const width = Math.max(RAIL_WIDTH_MIN, timeToX(part.to_ms, frame) - x);
    return { x: Math.min(x, frame.right - width), width, grade: part.grade };
  });
}

function holesOf(runs: readonly (readonly Bin[])[], frame: Frame): Stretch[] {
  const ends = runs.map((run) => ({
    from_ms: run[0]?.from_ms ?? frame.from_ms,
    to_ms: run.at(-1)?.to_ms ?? frame.to_ms,
  }));
  const holes = ends.map((run, i) => ({
    from_ms: i === 0 ? frame.from_ms : (ends[i - 1]?.to_ms ?? frame.from_ms),
    to_ms: run.from_ms,
  }));
  holes.push({ from_ms: ends.at(-1)?.to_ms ?? frame.from_ms, to_ms: frame.to_ms });
  return holes
    .filter((hole) => hole.to_ms > hole.from_ms)
    .map((hole) => {
      const x = timeToX(hole.from_ms, frame);
      const width = timeToX(hole.to_ms, frame) - x;
      const outer = hole.from_ms <= frame.from_ms || hole.to_ms >= frame.to_ms;
      // A hole between readings is always shown; a seam at the frame's edge only at its true width.
      if (outer || width >= HOLE_WIDTH_MIN) return { x, width };
      return { x: x - (HOLE_WIDTH_MIN - width) / 2, width: HOLE_WIDTH_MIN };
    });
}

export function layoutPlot(
  bins: readonly Bin[],
  quantity: string,
  frame: Frame,
  tolerance_ms: number,
): PlotLayout {
  const runs = runsOf(bins, tolerance_ms);
  if (bins.length === 0) {
    return { ticks: [], band: '', line: '', holes: holesOf(runs, frame), rail: [] };
  }
  const scale = quantityScale(quantity);
  const low =
    bins.reduce((least, bin) => Math.min(least, bin.min), Number.POSITIVE_INFINITY) / scale;
  const high =
    bins.reduce((most, bin) => Math.max(most, bin.max), Number.NEGATIVE_INFINITY) / scale;
  const values = niceTicks(low, high === low ? low + 1 : high, 4);
  const bottom = values[0] ?? low;
  const top = values.at(-1) ?? high;
  const y = (value: number) =>
    frame.bottom - ((value / scale - bottom) / (top - bottom)) * (frame.bottom - frame.top);

  let band = '';
  let line = '';
  for (const run of runs) {
    const upper: string[] = [];
    const lower: string[] = [];
    const mean: string[] = [];
    for (const bin of run) {
      const x0 = timeToX(bin.from_ms, frame);
      // A bin alone in its run keeps a visible width.
      const x1 = Math.max(timeToX(bin.to_ms, frame), run.length === 1 ? x0 + 2 : x0);
      upper.push(`${px(x0)} ${px(y(bin.max))}`, `${px(x1)} ${px(y(bin.max))}`);
      lower.push(`${px(x0)} ${px(y(bin.min))}`, `${px(x1)} ${px(y(bin.min))}`);
      if (run.length === 1)
        mean.push(`${px(x0)} ${px(y(bin.mean))}`, `${px(x1)} ${px(y(bin.mean))}`);
      else mean.push(`${px((x0 + x1) / 2)} ${px(y(bin.mean))}`);
    }
    band += `M${upper.concat(lower.reverse()).join('L')}Z`;
    line += `M${mean.join('L')}`;
  }
  return {
    ticks: values.map((value) => ({ y: y(value * scale), label: String(value) })),
    band,
    line,
    holes: holesOf(runs, frame),
    rail: railOf(bins, frame, tolerance_ms),
  };
}
