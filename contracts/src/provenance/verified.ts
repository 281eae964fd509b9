// What the steps before the claims have verified, and how claims name parties and evidence.

import { getAccount } from '../rules/accounts/record.ts';
import type { Policy, PolicyRef } from '../rules/policies/policy.ts';
import { getProduct } from '../rules/products/product.ts';
import type { StateReader } from '../rules/types.ts';
import type { ShownUnit } from './evidence-keys.ts';
import type { Lineage } from './lineage.ts';
import type { VerifiedPack } from './proven-packs.ts';
import type { ProvenState } from './proven-state.ts';
import type { RecallScope } from './recall-scopes.ts';
import type { VerifiedStatement } from './stated.ts';
import type { Evidence, Names, Party, PlaceView, PolicyView } from './verdict.ts';

/** Everything that the steps before have verified. */
export interface Verified {
  readonly state: ProvenState;
  readonly subject: { readonly gtin: string; readonly lot?: string; readonly serial?: string };
  readonly lineage: Lineage;
  readonly label: ShownUnit | null;
  readonly scopes: readonly RecallScope[];
  readonly packs: readonly VerifiedPack[];
  readonly statements: readonly VerifiedStatement[];
  readonly spotCheck: {
    readonly picked: number;
    readonly matched: number;
    readonly contradicted: number;
  };
  readonly head: { readonly height: number; readonly time_ms: number; readonly hash: string };
  readonly now_ms: number;
}

/** The account as a page names it; an id that the bundle does not show stands for itself. */
export function partyOf(state: StateReader, id: string): Party {
  const account = getAccount(state, id);
  return account === undefined
    ? { id, name: { zh: id, en: id }, roles: [] }
    : { id, name: account.name, roles: account.roles };
}

/** Name and unit of a product; one that the bundle does not show stands as its number, in grams. */
export function productOf(
  state: StateReader,
  gtin: string,
): { readonly name: Names; readonly unit: 'g' | 'count' } {
  return getProduct(state, gtin) ?? { name: { zh: gtin, en: gtin }, unit: 'g' };
}

export function placeView(place: PlaceView): PlaceView {
  const { gln, kind, name, township } = place;
  return { gln, kind, name, township };
}

export function policyView(ref: PolicyRef, policy: Policy | undefined): PolicyView {
  return { id: ref.id, version: ref.version, title: policy?.title ?? null };
}

export function stateEvidence(...keys: string[]): Evidence[] {
  return [...new Set(keys)].map((ref) => ({ kind: 'state', ref }));
}
