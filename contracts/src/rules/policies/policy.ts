// The record of a policy: a signed, versioned set of limits, active from a height on (docs/formats.md §5).

import type { CborValue } from '../../encoding/types.ts';
import { AppError } from '../../errors.ts';
import type { StateReader } from '../types.ts';

/** What may come out of what: amounts out per million in, in the units of the two products. */
export interface YieldLimit {
  readonly process: string;
  readonly from: string;
  readonly to: string;
  readonly min_ppm: number;
  readonly max_ppm: number;
  /** For inputs of this season only; goes before an entry without season. */
  readonly season?: string;
}

/** Threshold, direction, duration (single or summed) and what the sensor may be wrong by, in the stored unit. */
export interface ClimateLimit {
  readonly quantity: string;
  readonly above: boolean;
  readonly limit: number;
  readonly duration_ms: number;
  readonly cumulative: boolean;
  readonly error: number;
}

export interface PolicySource {
  readonly topic: string;
  readonly source: string;
}

export interface Policy {
  readonly id: string;
  /** 1, 2, 3 … */
  readonly version: number;
  readonly title: { readonly zh: string; readonly en: string };
  /** Height of the first block to which it applies. */
  readonly from: number;
  readonly by: string;
  readonly tx: Uint8Array;
  readonly yields?: readonly YieldLimit[];
  readonly loss_ppm_per_year?: number;
  readonly climate?: readonly ClimateLimit[];
  readonly ageing_months_min?: number;
  /** Grams that a mu may yield in a season; harvests draw on a quota where it is set. */
  readonly quota_g_per_mu?: number;
  /** By level 1, 2, 3. */
  readonly recall?: {
    readonly start_h: readonly number[];
    readonly finish_workdays: readonly number[];
  };
  readonly sources: readonly PolicySource[];
}

export interface PolicyHead {
  readonly id: string;
  /** Who may adopt further versions, beside a regulator. */
  readonly steward: string;
  /** `from` ascends with the version. */
  readonly versions: readonly { readonly version: number; readonly from: number }[];
}

/** Names the version that a record was judged by. */
export interface PolicyRef {
  readonly id: string;
  readonly version: number;
}

export function policyHeadKey(id: string): string {
  return `policies/${id}`;
}

export function policyKey(id: string, version: number): string {
  return `policies/${id}/${version}`;
}

/** A value that the rules wrote, as its type: only for values from a certified state. */
export function toPolicy(value: CborValue): Policy {
  return value as unknown as Policy;
}

/** A value that the rules wrote, as its type: only for values from a certified state. */
export function toPolicyHead(value: CborValue): PolicyHead {
  return value as unknown as PolicyHead;
}

export function getPolicyHead(state: StateReader, id: string): PolicyHead | undefined {
  const value = state.get(policyHeadKey(id));
  return value === undefined ? undefined : toPolicyHead(value);
}

export function getPolicy(state: StateReader, ref: PolicyRef): Policy | undefined {
  const value = state.get(policyKey(ref.id, ref.version));
  return value === undefined ? undefined : toPolicy(value);
}

/**
 * The version that applies in a block of `height`, or undefined before the first one does. Throws `policies/unknown` when
 * there is no policy of that id.
 */
export function policyAt(state: StateReader, id: string, height: number): Policy | undefined {
  const head = getPolicyHead(state, id);
  if (head === undefined) {
    throw new AppError('policies/unknown', 'There is no such policy; adopt it first.', { id });
  }
  const active = head.versions.findLast(({ from }) => from <= height);
  return active === undefined ? undefined : getPolicy(state, { id, version: active.version });
}

export function policyRef(policy: Policy): PolicyRef {
  return { id: policy.id, version: policy.version };
}
