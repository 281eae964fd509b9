// What the climate was, and whether it went beyond the limits of the policy (docs/formats.md §8, *Climate*).

import type { Lot } from '../rules/lots/lot.ts';
import {
  getPolicy,
  getPolicyHead,
  type Policy,
  type PolicyRef,
  policyHeadKey,
  policyKey,
} from '../rules/policies/policy.ts';
import { getProduct, productKey } from '../rules/products/product.ts';
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

/** What limits a lot: a version of a policy, nothing at all, or what the bundle does not tell, by the key that it leaves out. */
type Bound =
  | { readonly policy: Policy | undefined }
  | { readonly ref: PolicyRef | null; readonly hidden: string };

/** The policy that the lot was made under, else the one that its product is under at the head. */
function boundOf({ state, head }: Verified, { gtin, policy }: Lot): Bound {
  if (policy !== undefined) return boundBy(state, policy);
  if (!state.shows(productKey(gtin))) return { ref: null, hidden: productKey(gtin) };
  const id = getProduct(state, gtin)?.policy;
  if (id === undefined) return { policy: undefined };
  const versions = getPolicyHead(state, id)?.versions;
  if (versions === undefined) return { ref: null, hidden: policyHeadKey(id) };
  const active = versions.findLast(({ from }) => from <= head.height);
  return active === undefined
    ? { policy: undefined }
    : boundBy(state, { id, version: active.version });
}

function boundBy(state: Verified['state'], ref: PolicyRef): Bound {
  const policy = getPolicy(state, ref);
  return policy === undefined ? { ref, hidden: policyKey(ref.id, ref.version) } : { policy };
}

/** The stays shown, by the policy of their lots and by product. */
function statedLimits(
  v: Verified,
  recorded: readonly RecordedStay[],
): { readonly policy: Policy; readonly gtin: string; readonly stays: Stay[] }[] {
  const groups = new Map<string, { policy: Policy; gtin: string; stays: Stay[] }>();
  for (const { stay } of recorded) {
    const { gtin } = stay.lot;
    const bound = boundOf(v, stay.lot);
    if ('hidden' in bound || bound.policy === undefined) continue;
    const { policy } = bound;
    const name = `${policy.id}/${policy.version}/${gtin}`;
    const group = groups.get(name) ?? { policy, gtin, stays: [] };
    groups.set(name, group);
    group.stays.push(stay);
  }
  return [...groups.values()];
}

/** Limits that the bundle leaves out: whoever hides a limit must not thereby hide what went beyond it. */
function hiddenLimits(v: Verified): Claim[] {
  const groups = new Map<string, Claim>();
  for (const lot of v.lineage.lots) {
    const { gtin } = lot;
    const bound = boundOf(v, lot);
    if (!('hidden' in bound)) continue;
    groups.set(`${bound.hidden}/${gtin}`, {
      kind: 'limit',
      grade: 'unknown',
      evidence: stateEvidence(bound.hidden),
      policy: bound.ref === null ? null : policyView(bound.ref, undefined),
      product: productOf(v.state, gtin).name,
      quantity: null,
    });
  }
  return [...groups.values()];
}

export function limitClaims(v: Verified, recorded: readonly RecordedStay[]): Claim[] {
  const judged = statedLimits(v, recorded).flatMap(({ policy, gtin, stays }) => {
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
  return [...judged, ...hiddenLimits(v)];
}
