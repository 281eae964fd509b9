// What a verdict amounts to, before any words: which headline it supports and what the seal may say. Both may only ever
// say less than the claims, never more.

import { mergeSpans, timeIn_ms } from '../age/spans.ts';
import { MONTH_MS, YEAR_MS } from '../format/duration.ts';
import type { AgeSpan, Claim, ClaimKind, Grade, Party, Verdict } from '../verify/types.ts';

export type ClaimOf<Kind extends ClaimKind> = Extract<Claim, { readonly kind: Kind }>;

export function claimsOf<Kind extends ClaimKind>(verdict: Verdict, kind: Kind): ClaimOf<Kind>[] {
  return verdict.claims.filter((claim): claim is ClaimOf<Kind> => claim.kind === kind);
}

export function claimOf<Kind extends ClaimKind>(
  verdict: Verdict,
  kind: Kind,
): ClaimOf<Kind> | null {
  return claimsOf(verdict, kind)[0] ?? null;
}

const STRONGEST_FIRST: readonly Grade[] = ['proven', 'attested', 'self-declared', 'unknown'];

/** Several claims are as good as the worst of them; none at all is unknown. */
export function weakest(claims: readonly Claim[]): Claim | null {
  return claims.reduce<Claim | null>(
    (worst, claim) =>
      worst === null || STRONGEST_FIRST.indexOf(claim.grade) > STRONGEST_FIRST.indexOf(worst.grade)
        ? claim
        : worst,
    null,
  );
}

export interface AgeSummary {
  readonly grade: Grade;
  readonly by: Party | null;
  /** All recorded stays in one band. */
  readonly spans: readonly AgeSpan[];
  /** Time that counts: proven, and attested unless the spot check took the gateway's word away. */
  readonly covered_ms: number;
  readonly proven_ms: number;
  readonly stay_ms: number;
  readonly gaps: number;
  readonly gap_ms: number;
  readonly late: number;
  readonly claimed_months: number | null;
  /** How the covered time stands to the age on the label; `nearly` is within 1 % of it. */
  readonly reach: 'none' | 'part' | 'nearly' | 'all' | 'unclaimed';
  /** How much of the label's age, or of the time in storage when the label names none, no reading covers. */
  readonly short_ms: number;
  /** That is at most 1 %. */
  readonly whole: boolean;
}

export type Seal =
  | { readonly kind: 'age'; readonly years: number }
  | { readonly kind: 'unit' | 'lot' | 'none' };

export interface SpotCheck {
  readonly picked: number;
  readonly matched: number;
  readonly missing: number;
  readonly contradicted: number;
}

export interface Summary {
  /** What was scanned: of a product's code alone nothing but its registration can be said. */
  readonly subject: 'product' | 'lot' | 'unit';
  /** Complete: nothing the page states is weaker than someone accountable's word, and the spot check held. */
  readonly level: 'complete' | 'partly';
  readonly lot: Grade;
  readonly unit: Grade;
  readonly origin: { readonly grade: Grade; readonly by: Party | null };
  readonly age: AgeSummary;
  readonly spotCheck: SpotCheck | null;
  readonly seal: Seal;
}

const NEARLY = 0.99;

function ageOf(verdict: Verdict): AgeSummary {
  const claims = claimsOf(verdict, 'ageing');
  const spans = mergeSpans(verdict.age);
  const recorded = claims.filter((claim) => claim.covered_ms > 0);
  const worst = weakest(recorded);
  const grade = worst?.grade ?? 'unknown';
  const proven_ms = timeIn_ms(spans, 'proven');
  const covered_ms = grade === 'unknown' ? proven_ms : timeIn_ms(spans, 'proven', 'attested');
  const stay_ms = timeIn_ms(spans, 'proven', 'attested', 'gap', 'unrecorded');
  const claimed_months = claims.at(-1)?.claimed_months ?? null;
  const claimed_ms = claimed_months === null ? null : claimed_months * MONTH_MS;
  const wanted_ms = claimed_ms ?? stay_ms;
  const short_ms = Math.max(0, wanted_ms - covered_ms);
  const whole = covered_ms > 0 && covered_ms >= wanted_ms * NEARLY;
  let reach: AgeSummary['reach'] = 'unclaimed';
  if (covered_ms <= 0) reach = 'none';
  else if (claimed_ms !== null) {
    reach = short_ms === 0 ? 'all' : whole ? 'nearly' : 'part';
  }
  const gaps = spans.filter((span) => span.state === 'gap');
  return {
    grade,
    by: worst?.by ?? null,
    spans,
    covered_ms,
    proven_ms,
    stay_ms,
    gaps: gaps.length,
    gap_ms: timeIn_ms(gaps, 'gap'),
    late: claims.reduce((sum, claim) => sum + claim.late, 0),
    claimed_months,
    reach,
    short_ms,
    whole,
  };
}

function sealOf(age: AgeSummary, unit: Grade, lot: Grade): Seal {
  const years = Math.floor(age.proven_ms / YEAR_MS);
  if (years >= 1) return { kind: 'age', years };
  if (unit === 'proven') return { kind: 'unit' };
  return { kind: lot === 'proven' ? 'lot' : 'none' };
}

function isAccountable(grade: Grade): boolean {
  return grade === 'proven' || grade === 'attested';
}

export function summarise(verdict: Verdict): Summary {
  const { subject } = verdict;
  const kind = subject.lot === null ? 'product' : subject.serial === null ? 'lot' : 'unit';
  const age = ageOf(verdict);
  const spotCheck = claimOf(verdict, 'spot-check');
  const lot = claimOf(verdict, 'mass')?.grade ?? 'unknown';
  const unit = claimOf(verdict, 'label')?.grade ?? 'unknown';
  const origin = weakest(claimsOf(verdict, 'origin'));
  const spotHeld =
    spotCheck !== null &&
    spotCheck.picked > 0 &&
    spotCheck.matched === spotCheck.picked &&
    spotCheck.contradicted === 0;
  // A fresh lot shows all its packs: then nothing is left to pick, and nothing rests on a word.
  const checked = spotHeld || age.proven_ms >= age.covered_ms * NEARLY;
  const ageHolds =
    (age.reach === 'all' || (age.reach === 'unclaimed' && age.whole)) &&
    (age.grade === 'proven' || (age.grade === 'attested' && checked));
  const held = lot === 'proven' && (kind === 'lot' || unit === 'proven');
  return {
    subject: kind,
    level: held && ageHolds && isAccountable(origin?.grade ?? 'unknown') ? 'complete' : 'partly',
    lot,
    unit,
    origin: { grade: origin?.grade ?? 'unknown', by: origin?.by ?? null },
    age,
    spotCheck,
    seal: sealOf(age, unit, lot),
  };
}
