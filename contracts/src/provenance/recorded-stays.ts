// The stays of a lineage with what is known of each: age band, late readings, on whose word it rests; and the plots of the
// places where they were.

import {
  ageBand,
  coverageOf,
  type Evidenced,
  evidenceAt,
  evidenceOfStay,
  seriesOf,
  timeIn_ms,
} from './coverage.ts';
import { union } from './intervals.ts';
import type { VerifiedPack } from './proven-packs.ts';
import type { VerifiedStatement } from './stated.ts';
import type { Stay } from './stays.ts';
import type { AgeSpan, Series } from './verdict.ts';

/** A stay with what is known of it. */
export interface RecordedStay extends Known {
  readonly stay: Stay;
}

interface Known {
  /** The same object for stays of which the same is known. */
  readonly band: readonly AgeSpan[];
  readonly proven_ms: number;
  /** Proven or attested. */
  readonly covered_ms: number;
  readonly gaps: number;
  readonly gap_ms: number;
  readonly late: number;
  /** The gateway on whose word the attested part rests: of the first statement, else of the first late reading. */
  readonly attestor: string | undefined;
  /** Devices whose evidence counts. */
  readonly devices: ReadonlySet<string>;
}

/** Every stay that is recorded, and the last one in any case. */
export function recordedStays(
  stays: readonly Stay[],
  packs: readonly VerifiedPack[],
  statements: readonly VerifiedStatement[],
): RecordedStay[] {
  // Lots out of one transformation lie at one place for one time: what is known of one is known of all.
  const known = new Map<string, Known>();
  return stays.flatMap((stay, i) => {
    const name = `${stay.place.gln}/${stay.from_ms}/${stay.to_ms}`;
    const found = known.get(name) ?? knownOf(stay, evidenceOfStay(stay, packs, statements));
    known.set(name, found);
    const silent = found.band.every((s) => s.state === 'unrecorded');
    return i < stays.length - 1 && silent ? [] : [{ stay, ...found }];
  });
}

function knownOf(stay: Stay, evidence: Evidenced): Known {
  const { readings, days } = evidence;
  const late = readings.filter(({ reading }) => reading.late);
  const devices = new Set<string>();
  for (const { pack } of readings) devices.add(pack.device.id);
  for (const { statement } of days) devices.add(statement.device.id);
  const band = ageBand(stay, coverageOf(evidence));
  return {
    band,
    proven_ms: timeIn_ms(band, 'proven'),
    covered_ms: timeIn_ms(band, 'proven', 'attested'),
    gaps: band.filter((s) => s.state === 'gap').length,
    gap_ms: timeIn_ms(band, 'gap'),
    late: late.length + days.reduce((sum, { day }) => sum + day.late, 0),
    attestor: days[0]?.statement.gateway ?? late[0]?.pack.gateway,
    devices,
  };
}

/** The plots of the places of these stays, each place once: a reading belongs to one place, so the work stays linear. */
export function seriesOfStays(
  recorded: readonly RecordedStay[],
  packs: readonly VerifiedPack[],
  statements: readonly VerifiedStatement[],
): Series[] {
  const byPlace = new Map<string, Stay[]>();
  for (const { stay } of recorded) {
    const list = byPlace.get(stay.place.gln);
    if (list === undefined) byPlace.set(stay.place.gln, [stay]);
    else list.push(stay);
  }
  return [...byPlace].flatMap(([gln, stays]) =>
    seriesOf(gln, evidenceAt(gln, union(stays), packs, statements)),
  );
}
