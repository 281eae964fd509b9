// What the climate was, and whether it went beyond the limits of the policy (docs/formats.md §8, *Climate*).

import {
  getPolicy,
  getPolicyHead,
  type Policy,
  policyAt,
  policyKey,
} from '../rules/policies/policy.ts';
import { getProduct } from '../rules/products/product.ts';
import { evidenceOfStay, meanOf } from './coverage.ts';
import { attestedGrade, vouched } from './evidence-claims.ts';
import { excursionsOf, judgeLimit, kineticMean_mC } from './excursions.ts';
import type { RecordedStay } from './recorded-stays.ts';
import type { Stay } from './stays.ts';
import type { Claim } from './verdict.ts';
import { policyView, productOf, stateEvidence, type Verified } from './verified.ts';

/** Of the scanned lot's own stays, or its packs'. */
export function climateClaims(v: Verified): Claim[] {
  const scanned = v.lineage.lots.at(-1);
  const claims: Claim[] = [];
  const evidence = v.lineage.stays
    .filter(({ lot }) => lot === scanned)
    .map((stay) => evidenceOfStay(stay, v.packs, v.statements));
  const readings = evidence.flatMap((e) => e.readings).filter(({ reading }) => !reading.late);
  const days = evidence.flatMap((e) => e.days);
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
        kinetic: quantity === 'temperature' ? kineticMean_mC(values) : null,
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
        kinetic: null,
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

/** The stays shown, by the policy that their lots were made under, else the one that their product is under at the head. */
function stateLimits(
  v: Verified,
  recorded: readonly RecordedStay[],
): { readonly policy: Policy; readonly gtin: string; readonly stays: Stay[] }[] {
  const groups = new Map<string, { policy: Policy; gtin: string; stays: Stay[] }>();
  for (const { stay } of recorded) {
    const { gtin } = stay.lot;
    const policy = policyOf(v, stay);
    if (policy === undefined) continue;
    const name = `${policy.id}/${policy.version}/${gtin}`;
    const group = groups.get(name) ?? { policy, gtin, stays: [] };
    groups.set(name, group);
    group.stays.push(stay);
  }
  return [...groups.values()];
}

function policyOf({ state, head }: Verified, { lot }: Stay): Policy | undefined {
  if (lot.policy !== undefined) return getPolicy(state, lot.policy);
  const id = getProduct(state, lot.gtin)?.policy;
  return id === undefined || getPolicyHead(state, id) === undefined
    ? undefined
    : policyAt(state, id, head.height);
}

export function limitClaims(v: Verified, recorded: readonly RecordedStay[]): Claim[] {
  return stateLimits(v, recorded).flatMap(({ policy, gtin, stays }) => {
    const evidence = stays.map((stay) => evidenceOfStay(stay, v.packs, v.statements));
    return (policy.climate ?? []).map((limit): Claim => {
      const found = excursionsOf(limit, evidence);
      const cover = judgeLimit(limit, stays, evidence);
      const grade =
        found.excursions > 0
          ? 'proven'
          : cover.unknown_ms > 0
            ? 'unknown'
            : cover.attested
              ? attestedGrade(v)
              : 'proven';
      return {
        kind: 'limit',
        ...vouched(v, grade, cover.attestor),
        evidence: stateEvidence(policyKey(policy.id, policy.version)),
        policy: policyView(policy, policy),
        product: productOf(v.state, gtin).name,
        quantity: limit.quantity,
        above: limit.above,
        limit: limit.limit,
        error: limit.error,
        duration_ms: limit.duration_ms,
        cumulative: limit.cumulative,
        ...found,
        statedDays: cover.statedDays,
        unknown_ms: cover.unknown_ms,
      };
    });
  });
}
