// How much of a stay readings cover, and what they say: intervals of time with their grade, and series for the plot.

import type { Device } from '../rules/devices/device.ts';
import {
  cutEach,
  type Interval,
  intersect,
  intervalAt,
  length_ms,
  subtract,
  union,
} from './intervals.ts';
import type { ProvenReading, VerifiedPack } from './proven-packs.ts';
import type { DayReport, VerifiedStatement } from './stated.ts';
import type { Stay } from './stays.ts';
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

/** One reading that counts for a stay, and the time for which it speaks there. */
export interface CountedReading {
  readonly pack: VerifiedPack;
  readonly reading: ProvenReading;
  readonly covers: Interval;
}

/** The readings and stated days that count for a stay, or for all stays at a place: of that place, while the device stood there. */
export interface Evidenced {
  readonly readings: readonly CountedReading[];
  readonly days: readonly {
    readonly statement: VerifiedStatement;
    readonly day: DayReport;
    readonly covered: readonly Interval[];
  }[];
}

/** Gathers in one pass what counts at a place during some times (a union). */
export function evidenceAt(
  gln: string,
  times: readonly Interval[],
  packs: readonly VerifiedPack[],
  statements: readonly VerifiedStatement[],
): Evidenced {
  const there = presenceAt(gln, times);
  const readings: CountedReading[] = [];
  for (const pack of packs) {
    const set = there(pack.device);
    if (set.length === 0) continue;
    for (const reading of pack.readings) {
      const within = intervalAt(set, reading.time_ms);
      if (within === undefined) continue;
      // A reading speaks for its device's interval and half of it more (clocks drift, one late reading is no gap), but
      // no longer than its device stood there.
      const end_ms = reading.time_ms + pack.device.interval_s * 1500;
      const covers = { from_ms: reading.time_ms, to_ms: Math.min(end_ms, within.to_ms) };
      readings.push({ pack, reading, covers });
    }
  }
  const days = statements.flatMap((statement) => {
    const set = there(statement.device);
    if (set.length === 0) return [];
    return statement.days
      .map((day) => ({ statement, day, covered: coveredWithin(day, set) }))
      .filter(({ covered }) => covered.length > 0);
  });
  return { readings, days };
}

/** What counts for a stay. */
export function evidenceOfStay(
  stay: Stay,
  packs: readonly VerifiedPack[],
  statements: readonly VerifiedStatement[],
): Evidenced {
  return evidenceAt(stay.place.gln, union([stay]), packs, statements);
}

/** When a device stood at the place in those times, remembered: a phone asks for the same few devices thousands of times. */
function presenceAt(
  gln: string,
  times: readonly Interval[],
): (device: Device) => readonly Interval[] {
  const known = new Map<string, readonly Interval[]>();
  const until_ms = times.at(-1)?.to_ms ?? 0;
  return (device) => {
    const found = known.get(device.id);
    if (found !== undefined) return found;
    const set = intersect(presence(device, gln, until_ms), times);
    known.set(device.id, set);
    return set;
  };
}

function coveredWithin(day: DayReport, set: readonly Interval[]): readonly Interval[] {
  const [first, last] = [set[0] as Interval, set.at(-1) as Interval];
  if (day.to_ms <= first.from_ms || day.from_ms >= last.to_ms) return [];
  const around = intervalAt(set, day.from_ms);
  return around !== undefined && around.to_ms >= day.to_ms
    ? day.covered
    : intersect(day.covered, set);
}

const BAND_QUANTITIES = ['temperature', 'humidity'];

/**
 * Coverage of temperature and humidity during a stay, over all devices at its place: of each that was recorded, or that a
 * device whose evidence counts is registered for. Leaving one out must not make the other look whole.
 */
export function coverageOf({ readings, days }: Evidenced): QuantityCoverage[] {
  const proven = new Map<string, Interval[]>();
  const attested = new Map<string, Interval[]>();
  const expected = new Set<string>();
  const listOf = (map: Map<string, Interval[]>, quantity: string) => {
    const list = map.get(quantity) ?? [];
    map.set(quantity, list);
    return list;
  };
  for (const { pack, reading, covers } of readings) {
    listOf(reading.late ? attested : proven, reading.quantity).push(covers);
    expect(pack.device, reading.quantity);
  }
  for (const { statement, covered } of days) {
    const list = listOf(attested, statement.quantity);
    for (const interval of covered) list.push(interval);
    expect(statement.device, statement.quantity);
  }
  return BAND_QUANTITIES.filter((quantity) => expected.has(quantity)).map((quantity) => ({
    quantity,
    proven: union(proven.get(quantity) ?? []),
    attested: union(attested.get(quantity) ?? []),
  }));
  function expect(device: Device, quantity: string): void {
    if (!BAND_QUANTITIES.includes(quantity)) return;
    expected.add(quantity);
    for (const registered of device.quantities) expected.add(registered);
  }
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

/** The plot of a place: a line for each device and quantity, proven readings before stated days. */
export function seriesOf(place: string, { readings, days }: Evidenced): Series[] {
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
  for (const { pack, reading, covers } of readings) {
    const { value } = reading;
    const grade = reading.late ? 'attested' : 'proven';
    const point = { ...covers, min: value, max: value, mean: value, grade } as const;
    line(pack.device.id, reading.quantity).proven.push(point);
  }
  for (const { statement, day, covered } of days) {
    const { min, max } = day;
    const mean = meanOf(day.sum, day.count);
    const { attested } = line(statement.device.id, statement.quantity);
    for (const i of covered) attested.push({ ...i, min, max, mean, grade: 'attested' });
  }
  return [...lines.values()].map(({ device, quantity, proven, attested }) => ({
    device,
    place,
    quantity,
    points: merge(proven, attested),
  }));
}

/** The mean as an integer, halves towards +∞. */
export function meanOf(sum: number, count: number): number {
  return Math.round(sum / count) + 0; // No −0: it is not the 0 of another language.
}

/** Proven points, each cut where the next begins, and the stated points where there is none. */
function merge(proven: SeriesPoint[], attested: SeriesPoint[]): SeriesPoint[] {
  proven.sort(byStart);
  const cut = proven
    .map((point, i) => ({
      ...point,
      to_ms: Math.min(point.to_ms, proven[i + 1]?.from_ms ?? point.to_ms),
    }))
    .filter((point) => point.to_ms > point.from_ms);
  return [...cut, ...cutEach(attested.sort(byStart), union(cut))].sort(byStart);
}

function byStart(a: Interval, b: Interval): number {
  return a.from_ms - b.from_ms;
}
