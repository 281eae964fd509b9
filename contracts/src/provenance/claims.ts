// From what was verified to what may be said of it: each claim with its grade and its evidence. Nothing is said here that a
// step before did not check.

import { bytesToHex } from '../encoding/bytes.ts';
import { getAccount } from '../rules/accounts/record.ts';
import { anchorLogKey } from '../rules/anchors/anchor.ts';
import { deviceKey } from '../rules/devices/device.ts';
import { type LabelBatch, labelKey } from '../rules/labels/label.ts';
import { lotKey } from '../rules/lots/lot.ts';
import { ADMITTING_ROLES, hasRole } from '../rules/permissions.ts';
import { placeKey } from '../rules/places/place.ts';
import type { StateReader } from '../rules/types.ts';
import { evidenceOfStay, meanOf } from './coverage.ts';
import type { Lineage, Stay } from './lineage.ts';
import type { VerifiedPack } from './proven-packs.ts';
import type { RecordedStay } from './recorded-stays.ts';
import type { VerifiedStatement } from './stated.ts';
import type { Claim, Evidence, Grade, Party } from './verdict.ts';

/** Everything that the steps before have verified. */
export interface Verified {
  readonly state: StateReader;
  readonly lineage: Lineage;
  readonly label: { readonly batch: LabelBatch; readonly index: number } | null;
  readonly packs: readonly VerifiedPack[];
  readonly statements: readonly VerifiedStatement[];
  readonly spotCheck: {
    readonly picked: number;
    readonly matched: number;
    readonly contradicted: number;
  };
  readonly head: { readonly time_ms: number; readonly hash: string };
  readonly now_ms: number;
}

/** A head older than this is shown as stale: the ledger beats at least every minute. */
const STALE_AFTER_MS = 24 * 3_600_000;

/** The account as a page names it; an id that the bundle does not show stands for itself. */
export function partyOf(state: StateReader, id: string): Party {
  const account = getAccount(state, id);
  return account === undefined
    ? { id, name: { zh: id, en: id }, roles: [] }
    : { id, name: account.name, roles: account.roles };
}

function stateEvidence(...keys: string[]): Evidence[] {
  return keys.map((ref) => ({ kind: 'state', ref }));
}

function labelClaim(v: Verified): Claim[] {
  if (v.label === null) return [];
  const { batch, index } = v.label;
  return [
    {
      kind: 'label',
      grade: 'proven',
      evidence: [
        ...stateEvidence(labelKey(batch.gtin, batch.lot, batch.batch)),
        { kind: 'transaction', ref: bytesToHex(batch.tx) },
      ],
      batch: batch.batch,
      number: index + 1,
      count: batch.count,
      net: batch.net,
      issuedAt_ms: batch.issuedAt,
    },
  ];
}

function massClaim(v: Verified): Claim[] {
  const lot = v.lineage.lots.at(-1);
  if (lot === undefined) return [];
  return [
    {
      kind: 'mass',
      grade: 'proven',
      evidence: [
        ...stateEvidence(lotKey(lot.gtin, lot.lot)),
        { kind: 'transaction', ref: bytesToHex(lot.tx) },
      ],
      made: lot.made,
      labelled: lot.labelled,
      inputs_g: lot.inputs.reduce((sum, input) => sum + input.amount, 0),
    },
  ];
}

/**
 * Who registered the plot answers for where it is; a grower's own entry is the grower's word. Of a chain that is not shown
 * to its end the rest is unknown, and comes first: a few good plots must not speak for those left out.
 */
function originClaims(v: Verified): Claim[] {
  const rest: Claim[] = v.lineage.truncated
    ? [{ kind: 'origin', grade: 'unknown', evidence: [], places: [] }]
    : [];
  return [...rest, ...shownOrigins(v)];
}

function shownOrigins(v: Verified): Claim[] {
  const byRegistrar = new Map<string, Stay[]>();
  for (const stay of v.lineage.stays) {
    if (stay.lot.inputs.length > 0) continue;
    const list = byRegistrar.get(stay.place.registeredBy) ?? [];
    byRegistrar.set(stay.place.registeredBy, [...list, stay]);
  }
  return [...byRegistrar].map(([registrar, stays]) => {
    const account = getAccount(v.state, registrar);
    const accountable = account !== undefined && hasRole(account, ADMITTING_ROLES);
    const places = new Map(stays.map(({ place }) => [place.gln, place]));
    return {
      kind: 'origin',
      grade: accountable ? 'attested' : 'self-declared',
      ...(accountable ? { by: partyOf(v.state, registrar) } : {}),
      evidence: stateEvidence(
        ...stays.map(({ lot }) => lotKey(lot.gtin, lot.lot)),
        ...[...places.keys()].map(placeKey),
      ),
      places: [...places.values()].map(({ gln, name, township, kind }) => ({
        gln,
        name,
        township,
        kind,
      })),
    };
  });
}

function gatewaysOf(v: Verified): string[] {
  return [...new Set([...v.packs.map((p) => p.gateway), ...v.statements.map((s) => s.gateway)])];
}

/** Attested claims rest on the gateway's word; a proven reading that contradicts it takes them away. */
function attestedGrade(v: Verified): Grade {
  return v.spotCheck.contradicted > 0 ? 'unknown' : 'attested';
}

function vouched(v: Verified, grade: Grade, gateway: string | undefined) {
  return grade === 'attested' && gateway !== undefined
    ? { grade, by: partyOf(v.state, gateway) }
    : { grade };
}

function ageingClaims(v: Verified, recorded: readonly RecordedStay[]): Claim[] {
  const claimed = [...v.lineage.lots].reverse().find((lot) => lot.claimedAge_months !== undefined);
  const last = v.lineage.stays.at(-1);
  return recorded.map(({ stay, proven_ms, covered_ms, gaps, gap_ms, late, attestor }) => {
    const { gln, kind, name, township } = stay.place;
    const grade =
      covered_ms === 0 ? 'unknown' : proven_ms === covered_ms ? 'proven' : attestedGrade(v);
    return {
      kind: 'ageing',
      ...vouched(v, grade, attestor),
      evidence: stateEvidence(
        lotKey(stay.lot.gtin, stay.lot.lot),
        ...gatewaysOf(v).map(anchorLogKey),
      ),
      place: { gln, kind, name, township },
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

function spotCheckClaim(v: Verified): Claim[] {
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

function climateClaims(v: Verified): Claim[] {
  const stay = v.lineage.stays.at(-1);
  if (stay === undefined) return [];
  const claims: Claim[] = [];
  const evidence = evidenceOfStay(stay, v.packs, v.statements);
  const readings = evidence.readings.filter(({ reading }) => !reading.late);
  const { days } = evidence;
  for (const quantity of ['temperature', 'humidity', 'mass']) {
    const proven = readings.filter(({ reading }) => reading.quantity === quantity);
    if (proven.length > 0) {
      const values = proven.map(({ reading }) => reading.value);
      const times = proven.map(({ reading }) => reading.time_ms);
      claims.push({
        kind: 'climate',
        grade: 'proven',
        evidence: [...new Set(proven.map(({ pack }) => pack.id))].map((ref) => ({
          kind: 'pack',
          ref,
        })),
        quantity,
        min: least(values),
        max: greatest(values),
        mean: meanOf(
          values.reduce((a, b) => a + b, 0),
          values.length,
        ),
        count: values.length,
        from_ms: least(times),
        to_ms: greatest(times),
      });
    }
    const stated = days.filter(({ statement }) => statement.quantity === quantity);
    if (stated.length > 0) {
      const count = stated.reduce((sum, { day }) => sum + day.count, 0);
      claims.push({
        kind: 'climate',
        ...vouched(v, attestedGrade(v), stated[0]?.statement.gateway),
        evidence: [
          ...new Set(stated.map(({ statement: s }) => `${s.device.id}/${s.quantity}/${s.month}`)),
        ].map((ref) => ({
          kind: 'statement',
          ref,
        })),
        quantity,
        min: least(stated.map(({ day }) => day.min)),
        max: greatest(stated.map(({ day }) => day.max)),
        mean: meanOf(
          stated.reduce((sum, { day }) => sum + day.sum, 0),
          count,
        ),
        count,
        from_ms: least(stated.map(({ day }) => day.from_ms)),
        to_ms: greatest(stated.map(({ day }) => day.to_ms)),
      });
    }
  }
  return claims;
}

function least(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
}

function greatest(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
}

/** The devices whose evidence counts for a stay: others may be in a bundle and say nothing of the lot. */
function devicesClaim(v: Verified, recorded: readonly RecordedStay[]): Claim[] {
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

function noteClaims(v: Verified): Claim[] {
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

function freshnessClaim(v: Verified): Claim {
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

/** All claims, the most asked for first. */
export function claimsOf(v: Verified, recorded: readonly RecordedStay[]): Claim[] {
  return [
    ...labelClaim(v),
    ...massClaim(v),
    ...originClaims(v),
    ...ageingClaims(v, recorded),
    ...spotCheckClaim(v),
    ...climateClaims(v),
    ...devicesClaim(v, recorded),
    ...noteClaims(v),
    freshnessClaim(v),
  ];
}
