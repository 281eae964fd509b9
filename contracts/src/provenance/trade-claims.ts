// What the ledger's books say of the lot: its label, where its amount went, the limits it was made within, its age, its papers
// (docs/formats.md §8, *Claims and grades*).

import { bytesToHex } from '../encoding/bytes.ts';
import {
  type Document,
  documentKey,
  documentListKey,
  getDocument,
  getDocumentList,
} from '../rules/documents/document.ts';
import { labelKey, revealKey, voidKey } from '../rules/labels/label.ts';
import { type Lot, lotKey } from '../rules/lots/lot.ts';
import { productKey } from '../rules/products/product.ts';
import type { ShownUnit } from './evidence-keys.ts';
import type { Claim, ProductAmount } from './verdict.ts';
import { partyOf, productOf, stateEvidence, type Verified } from './verified.ts';

type LabelClaim = Extract<Claim, { kind: 'label' }>;

export function labelClaim(v: Verified): Claim[] {
  if (v.label === null) return [];
  const { batch, index } = v.label;
  const { gtin, lot } = batch;
  const standing = standingOf(v, v.label);
  return [
    {
      kind: 'label',
      grade: standing.standing === 'unknown' ? 'unknown' : 'proven',
      evidence: [
        ...stateEvidence(labelKey(gtin, lot, batch.batch), voidKey(gtin, lot, batch.batch, index)),
        { kind: 'transaction', ref: bytesToHex(batch.tx) },
      ],
      batch: batch.batch,
      number: index + 1,
      count: batch.count,
      net: batch.net,
      unit: productOf(v.state, gtin).unit,
      issuedAt_ms: batch.issuedAt,
      ...standing,
      ...hiddenOf(v, v.label),
    },
  ];
}

interface Mark {
  readonly by: string;
  readonly at: number;
  readonly reason: string;
}

function standingOf(
  { state }: Verified,
  { batch, index }: ShownUnit,
): Pick<LabelClaim, 'standing' | 'voided'> {
  const key = voidKey(batch.gtin, batch.lot, batch.batch, index);
  if (!state.shows(key)) return { standing: 'unknown', voided: null };
  const voided = state.get(key) as unknown as Mark | undefined;
  if (voided !== undefined) {
    const { at, reason, by } = voided;
    return { standing: 'void', voided: { at_ms: at, reason, by: partyOf(state, by) } };
  }
  const standing = index < batch.activated ? 'active' : batch.closed ? 'spare' : 'printed';
  return { standing, voided: null };
}

function hiddenOf(
  { state, subject }: Verified,
  { batch }: ShownUnit,
): Pick<LabelClaim, 'hidden' | 'revealedAt_ms'> {
  if (!batch.hidden) return { hidden: 'none', revealedAt_ms: null };
  const key = revealKey(batch.gtin, batch.lot, subject.serial ?? '');
  if (!state.shows(key)) return { hidden: 'unknown', revealedAt_ms: null };
  const revealed = state.get(key) as unknown as Mark | undefined;
  return revealed === undefined
    ? { hidden: 'sealed', revealedAt_ms: null }
    : { hidden: 'revealed', revealedAt_ms: revealed.at };
}

/** What went into a lot, by product. */
export function inputsOf(v: Verified, lot: Lot): ProductAmount[] {
  const sums = new Map<string, number>();
  for (const { gtin, amount } of lot.inputs) sums.set(gtin, (sums.get(gtin) ?? 0) + amount);
  return [...sums].map(([gtin, amount]) => {
    const { name, unit } = productOf(v.state, gtin);
    return { product: name, unit, amount };
  });
}

export function massClaim(v: Verified): Claim[] {
  const lot = v.lineage.lots.at(-1);
  if (lot === undefined) return [];
  const { made, left, labelled, used, lost, destroyed } = lot;
  return [
    {
      kind: 'mass',
      grade: 'proven',
      evidence: [
        ...stateEvidence(lotKey(lot.gtin, lot.lot)),
        { kind: 'transaction', ref: bytesToHex(lot.tx) },
      ],
      unit: productOf(v.state, lot.gtin).unit,
      made,
      left,
      labelled,
      used,
      lost,
      destroyed,
      inputs: inputsOf(v, lot),
    },
  ];
}

/**
 * The ledger's age rests on the rules, but for stock older than the ledger: there on its auditors, all of them. One audit of the
 * chain that does not hold leaves nothing, whatever the others say.
 */
export function ageClaim(v: Verified): Claim[] {
  const lot = v.lineage.lots.at(-1);
  if (lot === undefined) return [];
  const openings = v.lineage.lots.flatMap(({ document, since }) =>
    document === undefined
      ? []
      : [{ hash: document, audit: getDocument(v.state, document), since }],
  );
  const holds = openings.every(
    ({ audit, since }) => audit !== undefined && documentStanding(audit, since) === 'valid',
  );
  const auditors = [...new Set(openings.flatMap(({ audit }) => audit?.issuer ?? []))].map((id) =>
    partyOf(v.state, id),
  );
  const [first] = auditors;
  const claimed = [...v.lineage.lots].reverse().find((l) => l.claimedAge_months !== undefined);
  return [
    {
      kind: 'age',
      ...(v.lineage.truncated || !holds
        ? { grade: 'unknown' }
        : first === undefined
          ? { grade: 'proven' }
          : { grade: 'attested', by: first }),
      evidence: stateEvidence(
        lotKey(lot.gtin, lot.lot),
        ...openings.map(({ hash }) => documentKey(hash)),
      ),
      born_ms: lot.born,
      age_ms: Math.max(0, v.head.time_ms - lot.born),
      claimed_months: claimed?.claimedAge_months ?? null,
      auditors,
    },
  ];
}

export function documentClaims(v: Verified): Claim[] {
  const lot = v.lineage.lots.at(-1);
  const subjects = [
    ...(lot === undefined ? [] : [lotKey(lot.gtin, lot.lot)]),
    productKey(v.subject.gtin),
  ];
  const hashes = new Map<string, Uint8Array>();
  let hidden = false;
  for (const subject of subjects) {
    if (!v.state.shows(documentListKey(subject))) hidden = true;
    for (const hash of getDocumentList(v.state, subject)) hashes.set(bytesToHex(hash), hash);
  }
  const claims: Claim[] = [];
  for (const hash of hashes.values()) {
    const document = getDocument(v.state, hash);
    if (document === undefined) hidden = true;
    else claims.push(documentClaim(v, document));
  }
  if (hidden) {
    const evidence = stateEvidence(...subjects.map(documentListKey));
    claims.push({ kind: 'document', grade: 'unknown', evidence, document: null });
  }
  return claims;
}

/** What was revoked or has expired is nobody's word any more. */
function documentClaim(v: Verified, document: Document): Claim {
  const standing = documentStanding(document, v.head.time_ms);
  return {
    kind: 'document',
    grade: standing === 'valid' ? 'attested' : 'unknown',
    by: partyOf(v.state, document.issuer),
    evidence: [
      ...stateEvidence(documentKey(document.hash)),
      { kind: 'transaction', ref: bytesToHex(document.tx) },
    ],
    document: {
      hash: bytesToHex(document.hash),
      type: document.kind,
      title: document.title,
      number: document.number ?? null,
      issuedAt_ms: document.issuedAt,
      validUntil_ms: document.validUntil ?? null,
      standing,
      results: document.results ?? [],
    },
  };
}

export function documentStanding(
  { status, validFrom, validUntil }: Document,
  time_ms: number,
): 'valid' | 'expired' | 'revoked' | 'not-yet' {
  if (status === 'revoked') return 'revoked';
  if (time_ms < validFrom) return 'not-yet';
  return validUntil !== undefined && time_ms >= validUntil ? 'expired' : 'valid';
}
