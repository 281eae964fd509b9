// How much of a stay readings cover, and what they say: intervals of time with their grade, and series for the plot.

import type { Device } from '../rules/devices/device.ts';
import { clip, type Interval, intersect, length_ms, subtract, union } from './intervals.ts';
import type { Stay } from './lineage.ts';
import type { ProvenReading, VerifiedPack } from './proven-packs.ts';
import type { DayReport, VerifiedStatement } from './stated.ts';
import type { AgeSpan, Series, SeriesPoint } from './verdict.ts';

/** Time and values of one quantity at one place during one stay. */
export interface QuantityCoverage {
  readonly quantity: string;
  readonly proven: readonly Interval[];
  readonly attested: readonly Interval[];
}

/** When a device stood at a place. */
export function presence(device: Device, gln: string, until_ms: number): Interval[] {
  return union(
    device.assignments
      .filter((a) => a.place === gln)
      .map((a) => ({ from_ms: a.from, to_ms: Math.min(a.to ?? until_ms, until_ms) })),
  );
}

/** A reading speaks for its device's interval and half of it more: clocks drift, one late reading is no gap. */
function span(reading: ProvenReading, interval_s: number): Interval {
  return { from_ms: reading.time_ms, to_ms: reading.time_ms + interval_s * 1500 };
}

/** The readings that count for a stay: of its place, while the device stood there. */
export function readingsOfStay(
  packs: readonly VerifiedPack[],
  stay: Stay,
): { pack: VerifiedPack; reading: ProvenReading }[] {
  return packs.flatMap((pack) => {
    const there = clip(presence(pack.device, stay.place.gln, stay.to_ms), stay.from_ms, stay.to_ms);
    return pack.readings
      .filter((r) => there.some((i) => r.time_ms >= i.from_ms && r.time_ms < i.to_ms))
      .map((reading) => ({ pack, reading }));
  });
}

/** The stated days that touch a stay, with the covered time that counts for it. */
export function daysOfStay(
  statements: readonly VerifiedStatement[],
  stay: Stay,
): { statement: VerifiedStatement; day: DayReport; covered: Interval[] }[] {
  return statements.flatMap((statement) => {
    const there = clip(
      presence(statement.device, stay.place.gln, stay.to_ms),
      stay.from_ms,
      stay.to_ms,
    );
    return statement.days
      .map((day) => ({ statement, day, covered: intersect(union(day.covered), there) }))
      .filter(({ covered }) => covered.length > 0);
  });
}

/** Coverage of temperature and humidity during a stay, over all devices at its place. */
export function coverageOfStay(
  stay: Stay,
  packs: readonly VerifiedPack[],
  statements: readonly VerifiedStatement[],
): QuantityCoverage[] {
  const proven = new Map<string, Interval[]>();
  const attested = new Map<string, Interval[]>();
  const add = (map: Map<string, Interval[]>, quantity: string, ...intervals: Interval[]) => {
    const list = map.get(quantity);
    if (list === undefined) map.set(quantity, intervals);
    else list.push(...intervals);
  };
  for (const { pack, reading } of readingsOfStay(packs, stay)) {
    add(reading.late ? attested : proven, reading.quantity, span(reading, pack.device.interval_s));
  }
  for (const { statement, covered } of daysOfStay(statements, stay))
    add(attested, statement.quantity, ...covered);
  return ['temperature', 'humidity']
    .filter((quantity) => proven.has(quantity) || attested.has(quantity))
    .map((quantity) => ({
      quantity,
      proven: clip(union(proven.get(quantity) ?? []), stay.from_ms, stay.to_ms),
      attested: clip(union(attested.get(quantity) ?? []), stay.from_ms, stay.to_ms),
    }));
}

/** The age band of a stay: a time counts only where every recorded quantity is known. */
export function ageBand(stay: Stay, coverage: readonly QuantityCoverage[]): AgeSpan[] {
  const first = coverage[0];
  if (first === undefined) return spans(stay.from_ms, stay.to_ms, 'unrecorded');
  const proven = coverage.slice(1).reduce((set, c) => intersect(set, c.proven), [...first.proven]);
  const known = coverage
    .slice(1)
    .reduce(
      (set, c) => intersect(set, union([...c.proven, ...c.attested])),
      union([...first.proven, ...first.attested]),
    );
  const start_ms = known[0]?.from_ms ?? stay.to_ms;
  const holes = subtract([{ from_ms: start_ms, to_ms: stay.to_ms }], known);
  return [
    ...spans(stay.from_ms, start_ms, 'unrecorded'),
    ...[
      ...proven.map((i) => ({ ...i, state: 'proven' as const })),
      ...subtract(known, proven).map((i) => ({ ...i, state: 'attested' as const })),
      ...holes.map((i) => ({ ...i, state: 'gap' as const })),
    ].sort((a, b) => a.from_ms - b.from_ms),
  ];
}

function spans(from_ms: number, to_ms: number, state: AgeSpan['state']): AgeSpan[] {
  return to_ms > from_ms ? [{ from_ms, to_ms, state }] : [];
}

/** Total time of the spans in a state. */
export function timeIn_ms(
  band: readonly AgeSpan[],
  ...states: readonly AgeSpan['state'][]
): number {
  return length_ms(band.filter((s) => states.includes(s.state)));
}

/** The plot of a stay: a line for each device and quantity, proven readings before stated days. */
export function seriesOfStay(
  stay: Stay,
  packs: readonly VerifiedPack[],
  statements: readonly VerifiedStatement[],
): Series[] {
  const lines = new Map<
    string,
    { device: string; quantity: string; proven: SeriesPoint[]; attested: SeriesPoint[] }
  >();
  const line = (device: string, quantity: string) => {
    const key = `${device}/${quantity}`;
    const found = lines.get(key) ?? { device, quantity, proven: [], attested: [] };
    lines.set(key, found);
    return found;
  };
  for (const { pack, reading } of readingsOfStay(packs, stay)) {
    const { value } = reading;
    const grade = reading.late ? 'attested' : 'proven';
    const point = {
      ...span(reading, pack.device.interval_s),
      min: value,
      max: value,
      mean: value,
      grade,
    } as const;
    line(pack.device.id, reading.quantity).proven.push(point);
  }
  for (const { statement, day, covered } of daysOfStay(statements, stay)) {
    const mean = Math.round(day.sum / day.count);
    const points = covered.map((i) => ({
      ...i,
      min: day.min,
      max: day.max,
      mean,
      grade: 'attested' as const,
    }));
    line(statement.device.id, statement.quantity).attested.push(...points);
  }
  return [...lines.values()].map(({ device, quantity, proven, attested }) => ({
    device,
    place: stay.place.gln,
    quantity,
    points: merge(proven, attested),
  }));
}

/** Proven points, each cut where the next begins, and the stated points where there is none. */
function merge(proven: SeriesPoint[], attested: SeriesPoint[]): SeriesPoint[] {
  proven.sort((a, b) => a.from_ms - b.from_ms);
  const cut = proven
    .map((point, i) => ({
      ...point,
      to_ms: Math.min(point.to_ms, proven[i + 1]?.from_ms ?? point.to_ms),
    }))
    .filter((point) => point.to_ms > point.from_ms);
  const taken = union(cut);
  const rest = attested.flatMap((point) =>
    subtract([point], taken).map((i) => ({ ...point, ...i })),
  );
  return [...cut, ...rest].sort((a, b) => a.from_ms - b.from_ms);
}
