// From a series to what a few hundred pixels can show. Minimum and maximum survive binning; the mean is weighted by time;
// a hole stays a hole.

import type { SeriesPoint } from '../verify/types.ts';

/** One column of the plot. `grade` is `mixed` when proven and attested points share it. */
export interface Bin {
  readonly from_ms: number;
  readonly to_ms: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly grade: 'proven' | 'attested' | 'mixed';
}

/** Points that touch [from_ms, to_ms], untouched. */
export function within(
  points: readonly SeriesPoint[],
  from_ms: number,
  to_ms: number,
): SeriesPoint[] {
  return points.filter((point) => point.to_ms > from_ms && point.from_ms < to_ms);
}

/**
 * Merges neighbours until at most about `columns` bins remain. Points are merged only when the hole between them is no
 * longer than `tolerance_ms`, so a gap is never bridged, however narrow the plot.
 */
export function binPoints(
  points: readonly SeriesPoint[],
  columns: number,
  tolerance_ms: number,
): Bin[] {
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined) return [];
  const step_ms = Math.max(1, (last.to_ms - first.from_ms) / Math.max(1, columns));
  const bins: Bin[] = [];
  let open: SeriesPoint[] = [];
  const close = () => {
    const head = open[0];
    const tail = open.at(-1);
    if (head === undefined || tail === undefined) return;
    let weight = 0;
    let sum = 0;
    let min = head.min;
    let max = head.max;
    for (const point of open) {
      const share = Math.max(1, point.to_ms - point.from_ms);
      weight += share;
      sum += point.mean * share;
      min = Math.min(min, point.min);
      max = Math.max(max, point.max);
    }
    const proven = open.filter((point) => point.grade === 'proven').length;
    bins.push({
      from_ms: head.from_ms,
      to_ms: tail.to_ms,
      min,
      max,
      mean: sum / weight,
      grade: proven === open.length ? 'proven' : proven === 0 ? 'attested' : 'mixed',
    });
    open = [];
  };
  for (const point of points) {
    const head = open[0];
    const tail = open.at(-1);
    if (head !== undefined && tail !== undefined) {
      const hole = point.from_ms - tail.to_ms > tolerance_ms;
      if (hole || point.to_ms - head.from_ms > step_ms) close();
    }
    open.push(point);
  }
  close();
  return bins;
}

/** Bins in unbroken runs: each run is one band and one line; between runs nothing is drawn. */
export function runsOf(bins: readonly Bin[], tolerance_ms: number): Bin[][] {
  const runs: Bin[][] = [];
  for (const bin of bins) {
    const run = runs.at(-1);
    const previous = run?.at(-1);
    if (run !== undefined && previous !== undefined && bin.from_ms - previous.to_ms <= tolerance_ms)
      run.push(bin);
    else runs.push([bin]);
  }
  return runs;
}

/** The bin at a time, or null in a hole. */
export function binAt(bins: readonly Bin[], time_ms: number): Bin | null {
  return bins.find((bin) => time_ms >= bin.from_ms && time_ms < bin.to_ms) ?? null;
}
