// The stays of a lineage with what is known of each: age band, plot, late readings, and on whose word it rests.

import {
  ageBand,
  coverageOfStay,
  evidenceOfStay,
  type StayEvidence,
  seriesOfStay,
} from './coverage.ts';
import type { Stay } from './lineage.ts';
import type { VerifiedPack } from './proven-packs.ts';
import type { VerifiedStatement } from './stated.ts';
import type { AgeSpan, Series } from './verdict.ts';

/** A stay with what is known of it. */
export interface RecordedStay {
  readonly stay: Stay;
  readonly band: AgeSpan[];
  readonly series: Series[];
  readonly late: number;
  /** The gateway on whose word the attested part rests: of the first statement, else of the first late reading. */
  readonly attestor: string | undefined;
}

/** Every stay that is recorded, and the last one in any case. */
export function recordedStays(
  stays: readonly Stay[],
  packs: readonly VerifiedPack[],
  statements: readonly VerifiedStatement[],
): RecordedStay[] {
  return stays.flatMap((stay, i) => {
    const evidence = evidenceOfStay(stay, packs, statements);
    const band = ageBand(stay, coverageOfStay(evidence));
    if (i < stays.length - 1 && band.every((s) => s.state === 'unrecorded')) return [];
    return [{ stay, band, series: seriesOfStay(evidence), ...attestedPart(evidence) }];
  });
}

function attestedPart({ readings, days }: StayEvidence) {
  const late = readings.filter(({ reading }) => reading.late);
  return {
    late: late.length + days.reduce((sum, { day }) => sum + day.late, 0),
    attestor: days[0]?.statement.gateway ?? late[0]?.pack.gateway,
  };
}
