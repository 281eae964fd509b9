// The lines that the plot can draw: one sensor at a time, each quantity once.

import type { Series, SeriesPoint } from '../verify/types.ts';

export interface PlottedDevice {
  readonly id: string;
  /** Where it stood longest, as a GLN. */
  readonly place: string;
}

function covered_ms(series: Series): number {
  return series.points.reduce((sum, point) => sum + point.to_ms - point.from_ms, 0);
}

/** Sensors with readings of any of `quantities`, the one with most of them first. */
export function devicesOf(
  series: readonly Series[],
  quantities: readonly string[],
): PlottedDevice[] {
  const known = series
    .filter((each) => quantities.includes(each.quantity) && each.points.length > 0)
    .sort((a, b) => covered_ms(b) - covered_ms(a));
  const places = new Map<string, string>();
  for (const { device, place } of known) {
    if (!places.has(device)) places.set(device, place);
  }
  return [...places].map(([id, place]) => ({ id, place }));
}

/** Ascending and disjoint: a sensor that served two stays may report the same time twice. */
function joined(points: readonly SeriesPoint[]): SeriesPoint[] {
  const sorted = [...points].sort((a, b) => a.from_ms - b.from_ms);
  const kept: SeriesPoint[] = [];
  for (const point of sorted) {
    const last = kept.at(-1);
    if (last === undefined || point.from_ms >= last.to_ms) kept.push(point);
    else if (point.to_ms > last.to_ms) kept.push({ ...point, from_ms: last.to_ms });
  }
  return kept;
}

/** One line for each of `quantities` that the sensor reports, over all its stays. */
export function linesOf(
  series: readonly Series[],
  device: string,
  quantities: readonly string[],
): { readonly quantity: string; readonly points: readonly SeriesPoint[] }[] {
  return quantities.flatMap((quantity) => {
    const own = series.filter((each) => each.device === device && each.quantity === quantity);
    const points = joined(own.flatMap((each) => each.points));
    return points.length === 0 ? [] : [{ quantity, points }];
  });
}
