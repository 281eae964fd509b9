// What readings and statements show: how much of each stay they cover, whether the spot checks held, which devices spoke, and
// how old all of it is (docs/formats.md §8, *Claims and grades*).

import { anchorLogKey } from '../rules/anchors/anchor.ts';
import { deviceKey } from '../rules/devices/device.ts';
import { lotKey } from '../rules/lots/lot.ts';
import type { RecordedStay } from './recorded-stays.ts';
import type { Claim, Grade } from './verdict.ts';
import { partyOf, placeView, stateEvidence, type Verified } from './verified.ts';

/** A head older than this is shown as stale: the ledger beats at least every minute. */
const STALE_AFTER_MS = 24 * 3_600_000;

function gatewaysOf(v: Verified): string[] {
  return [...new Set([...v.packs.map((p) => p.gateway), ...v.statements.map((s) => s.gateway)])];
}

/** Attested claims rest on the gateway's word; a proven reading that contradicts it takes them away. */
export function attestedGrade(v: Verified): Grade {
  return v.spotCheck.contradicted > 0 ? 'unknown' : 'attested';
}

export function vouched(v: Verified, grade: Grade, gateway: string | undefined) {
  return grade === 'attested' && gateway !== undefined
    ? { grade, by: partyOf(v.state, gateway) }
    : { grade };
}

export function ageingClaims(v: Verified, recorded: readonly RecordedStay[]): Claim[] {
  const claimed = [...v.lineage.lots].reverse().find((lot) => lot.claimedAge_months !== undefined);
  const last = v.lineage.stays.at(-1);
  return recorded.map(({ stay, proven_ms, covered_ms, gaps, gap_ms, late, attestor }) => {
    const grade =
      covered_ms === 0 ? 'unknown' : proven_ms === covered_ms ? 'proven' : attestedGrade(v);
    return {
      kind: 'ageing',
      ...vouched(v, grade, attestor),
      evidence: stateEvidence(
        lotKey(stay.lot.gtin, stay.lot.lot),
        ...gatewaysOf(v).map(anchorLogKey),
      ),
      place: placeView(stay.place),
      from_ms: stay.from_ms,
      to_ms: stay.to_ms,
      covered_ms,
      proven_ms,
      gaps,
      gap_ms,
      late,
      // An age is claimed for what lies in the pack, not for its time on the drying yard.
      claimed_months: stay === last ? (claimed?.claimedAge_months ?? null) : null,
    };
  });
}

export function spotCheckClaim(v: Verified): Claim[] {
  const { picked, matched, contradicted } = v.spotCheck;
  if (picked === 0) return [];
  return [
    {
      kind: 'spot-check',
      // One promised reading that does not come is enough to leave the rest unproven.
      grade: contradicted > 0 || matched < picked ? 'unknown' : 'proven',
      evidence: stateEvidence(...gatewaysOf(v).map(anchorLogKey)),
      picked,
      matched,
      missing: picked - matched,
      contradicted,
    },
  ];
}

/** The devices whose evidence counts for a stay: others may be in a bundle and say nothing of the lot. */
export function devicesClaim(v: Verified, recorded: readonly RecordedStay[]): Claim[] {
  const counted = new Set(recorded.flatMap(({ devices }) => [...devices]));
  const devices = new Map(
    [...v.packs, ...v.statements]
      .filter(({ device }) => counted.has(device.id))
      .map(({ device }) => [device.id, device]),
  );
  if (devices.size === 0) return [];
  return [
    {
      kind: 'devices',
      grade: 'proven',
      evidence: stateEvidence(...[...devices.keys()].map(deviceKey)),
      devices: [...devices.values()].map((device) => ({
        id: device.id,
        suite: String(device.key.suite),
        status: device.status,
        calibratedUntil_ms: device.calibratedUntil ?? null,
      })),
    },
  ];
}

export function noteClaims(v: Verified): Claim[] {
  return v.lineage.lots.flatMap((lot) =>
    lot.note === undefined
      ? []
      : [
          {
            kind: 'process-note' as const,
            grade: 'self-declared' as const,
            evidence: stateEvidence(lotKey(lot.gtin, lot.lot)),
            note: lot.note,
          },
        ],
  );
}

export function freshnessClaim(v: Verified): Claim {
  const age_ms = Math.max(0, v.now_ms - v.head.time_ms);
  return {
    kind: 'freshness',
    grade: 'proven',
    evidence: [{ kind: 'header', ref: v.head.hash }],
    head_ms: v.head.time_ms,
    age_ms,
    stale: age_ms > STALE_AFTER_MS,
  };
}
