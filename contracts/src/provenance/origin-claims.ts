// Where the first lots of the chain come from and on whose word, what their plots may yield, and who disputes it
// (docs/formats.md §8, *Origin*).

import { getAccount } from '../rules/accounts/record.ts';
import { type Case, caseKey, getCase } from '../rules/cases/case.ts';
import { documentKey, getDocument } from '../rules/documents/document.ts';
import { type Lot, lotKey } from '../rules/lots/lot.ts';
import { ADMITTING_ROLES, hasRole } from '../rules/permissions.ts';
import { getPlace, type Place, placeKey } from '../rules/places/place.ts';
import { getMark, getProduct } from '../rules/products/product.ts';
import { getQuota, type Quota, quotaKey } from '../rules/quotas/quota.ts';
import { documentStanding } from './trade-claims.ts';
import type { Claim, Party, PlaceView } from './verdict.ts';
import { partyOf, placeView, productOf, stateEvidence, type Verified } from './verified.ts';

type OriginClaim = Extract<Claim, { kind: 'origin' }>;

interface Source {
  readonly basis: Exclude<OriginClaim['basis'], null>;
  /** Who answers for it; null: only the maker says so. */
  readonly by: string | null;
  readonly mark: OriginClaim['mark'];
  readonly place: Place;
  readonly keys: readonly string[];
}

/**
 * Of a chain that is not shown to its end the rest is unknown, and comes first: a few good plots must not speak for those left
 * out. While an origin of the chain is disputed, and once it is refuted, nobody's word for it counts.
 */
export function originClaims(v: Verified): Claim[] {
  const rest: Claim[] = v.lineage.truncated
    ? [{ kind: 'origin', grade: 'unknown', evidence: [], basis: null, mark: null, places: [] }]
    : [];
  const disputed = v.lineage.lots.some((lot) => lot.case !== undefined);
  const groups = new Map<string, Source[]>();
  for (const source of firstLots(v).map((lot) => sourceOf(v, lot))) {
    const name = [source.basis, source.by, source.mark?.name.zh, source.mark?.by.id].join('/');
    groups.set(name, [...(groups.get(name) ?? []), source]);
  }
  const shown = [...groups.values()].map((sources): Claim => {
    const { basis, by, mark } = sources[0] as Source;
    const places = new Map(sources.map(({ place }) => [place.gln, placeView(place)]));
    return {
      kind: 'origin',
      ...gradeOf(v, disputed, by),
      evidence: stateEvidence(...sources.flatMap(({ keys }) => keys)),
      basis,
      mark,
      places: [...places.values()] satisfies PlaceView[],
    };
  });
  return [...rest, ...shown];
}

function gradeOf(v: Verified, disputed: boolean, by: string | null) {
  if (disputed) return { grade: 'unknown' as const };
  return by === null
    ? { grade: 'self-declared' as const }
    : { grade: 'attested' as const, by: partyOf(v.state, by) };
}

function firstLots(v: Verified): Lot[] {
  return v.lineage.lots.filter(({ inputs }) => inputs.length === 0);
}

function sourceOf(v: Verified, lot: Lot): Source {
  const key = lotKey(lot.gtin, lot.lot);
  const made = placeOf(v, lot.place);
  if (lot.document !== undefined) {
    const audit = getDocument(v.state, lot.document);
    const holds = audit !== undefined && documentStanding(audit, v.head.time_ms) !== 'revoked';
    return {
      basis: 'audit',
      by: holds ? audit.issuer : null,
      mark: null,
      place: made,
      keys: [key, documentKey(lot.document)],
    };
  }
  const plot = lot.origin === undefined ? made : placeOf(v, lot.origin.plot);
  const mark = markOf(v, lot, plot);
  const keys = [key, placeKey(plot.gln)];
  if (lot.origin !== undefined) {
    const signed = lot.origin.consent !== null;
    const basis = signed ? 'consent' : 'no-consent';
    return { basis, by: signed ? lot.origin.grower : null, mark, place: plot, keys };
  }
  if (mark !== null) return { basis: 'membership', by: mark.by.id, mark, place: plot, keys };
  const registrar = getAccount(v.state, plot.registeredBy);
  const accountable = registrar !== undefined && hasRole(registrar, ADMITTING_ROLES);
  return {
    basis: 'registration',
    by: accountable ? plot.registeredBy : null,
    mark: null,
    place: plot,
    keys,
  };
}

/** A place that the bundle does not show stands as its number, and nobody answers for it. */
function placeOf({ state }: Verified, gln: string): Place {
  const nothing = { zh: '', en: '' };
  return (
    getPlace(state, gln) ?? {
      gln,
      kind: 'plot',
      name: { zh: gln, en: gln },
      township: nothing,
      memberships: [],
      holder: '',
      registeredBy: '',
    }
  );
}

/** The product's mark, if the plot was a member of it when the fruit was picked. */
function markOf({ state }: Verified, lot: Lot, plot: Place): OriginClaim['mark'] {
  const id = getProduct(state, lot.gtin)?.mark;
  const membership = plot.memberships.find(
    ({ mark, from, to }) =>
      mark === id && from <= lot.since && (to === undefined || lot.since < to),
  );
  if (id === undefined || membership === undefined) return null;
  return {
    name: getMark(state, id)?.name ?? { zh: id, en: id },
    by: partyOf(state, membership.by),
  };
}

export function quotaClaims(v: Verified): Claim[] {
  const byProduct = new Map<
    string,
    { quotas: Map<string, Quota>; here: number; hidden: boolean }
  >();
  for (const lot of firstLots(v)) {
    if (lot.season === undefined || lot.document !== undefined) continue;
    const plot = lot.origin?.plot ?? lot.place;
    const key = quotaKey(plot, lot.gtin, lot.season);
    const quota = getQuota(v.state, plot, lot.gtin, lot.season);
    if (quota === undefined && v.state.shows(key)) continue;
    const found = byProduct.get(lot.gtin) ?? { quotas: new Map(), here: 0, hidden: false };
    byProduct.set(lot.gtin, found);
    found.here += lot.made;
    if (quota === undefined) found.hidden = true;
    else found.quotas.set(key, quota);
  }
  return [...byProduct].map(([gtin, { quotas, here, hidden }]) => {
    const { name, unit } = productOf(v.state, gtin);
    const all = [...quotas.values()];
    return {
      kind: 'quota',
      grade: hidden || v.lineage.truncated ? 'unknown' : 'proven',
      evidence: stateEvidence(...quotas.keys()),
      product: name,
      unit,
      plots: new Set(all.map(({ gln }) => gln)).size,
      granted: all.reduce((sum, { granted }) => sum + granted, 0),
      drawn: all.reduce((sum, { drawn }) => sum + drawn, 0),
      here,
      seasons: [...new Set(all.map(({ season }) => season))].sort(),
    };
  });
}

export function disputeClaims(v: Verified): Claim[] {
  return v.lineage.lots.flatMap((lot): Claim[] => {
    if (lot.case === undefined) return [];
    const dispute: Case | undefined = getCase(v.state, lot.case);
    const opener: Party | null = dispute === undefined ? null : partyOf(v.state, dispute.opener);
    const status =
      dispute?.status === 'upheld' || dispute?.status === 'open' ? dispute.status : null;
    return [
      {
        kind: 'dispute',
        grade: status === null ? 'unknown' : 'proven',
        evidence: stateEvidence(lotKey(lot.gtin, lot.lot), caseKey(lot.case)),
        status: status ?? 'unknown',
        product: productOf(v.state, lot.gtin).name,
        lot: lot.lot,
        opener,
        reason: dispute?.reason ?? null,
        since_ms: dispute?.openedAt ?? null,
        decidedAt_ms: dispute?.decidedAt ?? null,
      },
    ];
  });
}
