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
  | { readonly kind: 'unit' | 'lot' | 'none' | 'recalled' };

export interface SpotCheck {
  readonly picked: number;
  readonly matched: number;
  readonly missing: number;
  readonly contradicted: number;
}

/** What must be said before anything that speaks for the pack, the gravest first. */
export type Alert =
  | {
      readonly kind: 'recalled';
      readonly level: 1 | 2 | 3;
      readonly reason: string;
      readonly by: Party;
      readonly since_ms: number;
    }
  | { readonly kind: 'refuted' | 'disputed'; readonly by: Party | null; readonly reason: string }
  | { readonly kind: 'void'; readonly by: Party; readonly reason: string }
  | { readonly kind: 'excursion'; readonly times: number }
  | { readonly kind: 'beyond-policy' | 'spare' | 'printed' | 'recall-unknown' | 'label-unknown' };

const GRAVE: readonly Alert['kind'][] = ['recalled', 'refuted', 'void', 'beyond-policy'];

export function isGrave({ kind }: Alert): boolean {
  return GRAVE.includes(kind);
}

export interface Summary {
  readonly alerts: readonly Alert[];
  /** What was scanned: of a product's code alone nothing but its registration can be said. */
  readonly subject: 'product' | 'lot' | 'unit';
  /** Warned: an alert comes first. Complete: nothing the page states is weaker than someone accountable's word, and the spot check held. */
  readonly level: 'complete' | 'partly' | 'warned';
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
  const gaps = spans.filter((span) => span.state === 'gap');
  const gap_ms = timeIn_ms(gaps, 'gap');
  const missing_ms = Math.max(0, wanted_ms - covered_ms);
  // A stay longer than the label's age may cover it in sum and still have silences: then not all of it was watched.
  const short_ms = missing_ms === 0 && claimed_ms !== null ? gap_ms : missing_ms;
  const whole =
    covered_ms > 0 && covered_ms >= wanted_ms * NEARLY && short_ms <= wanted_ms * (1 - NEARLY);
  let reach: AgeSummary['reach'] = 'unclaimed';
  if (covered_ms <= 0) reach = 'none';
  else if (claimed_ms !== null) {
    reach = short_ms === 0 ? 'all' : whole ? 'nearly' : 'part';
  }
  return {
    grade,
    by: worst?.by ?? null,
    spans,
    covered_ms,
    proven_ms,
    stay_ms,
    gaps: gaps.length,
    gap_ms,
    late: claims.reduce((sum, claim) => sum + claim.late, 0),
    claimed_months,
    reach,
    short_ms,
    whole,
  };
}

function disputeAlert(verdict: Verdict): Alert[] {
  const disputes = claimsOf(verdict, 'dispute');
  const worst = disputes.find(({ status }) => status === 'upheld') ?? disputes[0];
  if (worst === undefined) return [];
  const kind = worst.status === 'upheld' ? 'refuted' : 'disputed';
  return [{ kind, by: worst.opener, reason: worst.reason ?? '' }];
}

function alertsOf(verdict: Verdict): Alert[] {
  const recall = claimOf(verdict, 'recall');
  const label = claimOf(verdict, 'label');
  const steps = claimOf(verdict, 'policy')?.steps ?? [];
  const alerts: Alert[] = (recall?.recalls ?? []).map(
    ({ level, reason, opener, since_ms }): Alert => ({
      kind: 'recalled',
      level,
      reason,
      by: opener,
      since_ms,
    }),
  );
  const voided = label?.voided ?? null;
  if (voided !== null) alerts.push({ kind: 'void', by: voided.by, reason: voided.reason });
  alerts.push(...disputeAlert(verdict));
  if (steps.some(({ within }) => within === 'no')) alerts.push({ kind: 'beyond-policy' });
  const times = claimsOf(verdict, 'limit').reduce(
    (sum, claim) => sum + (claim.quantity === null ? 0 : claim.excursions),
    0,
  );
  if (times > 0) alerts.push({ kind: 'excursion', times });
  if (label?.standing === 'spare' || label?.standing === 'printed') {
    alerts.push({ kind: label.standing });
  }
  if (label?.standing === 'unknown') alerts.push({ kind: 'label-unknown' });
  if (verdict.subject.lot !== null && recall?.grade !== 'proven') {
    alerts.push({ kind: 'recall-unknown' });
  }
  return alerts.sort((a, b) => Number(isGrave(b)) - Number(isGrave(a)));
}

function sealOf(age: AgeSummary, unit: Grade, lot: Grade, alerts: readonly Alert[]): Seal {
  if (alerts.some(({ kind }) => kind === 'recalled')) return { kind: 'recalled' };
  if (alerts.some(isGrave)) return { kind: 'none' };
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
  const alerts = alertsOf(verdict);
  const held = lot === 'proven' && (kind === 'lot' || unit === 'proven');
  return {
    subject: kind,
    alerts,
    level:
      alerts.length > 0
        ? 'warned'
        : held && ageHolds && isAccountable(origin?.grade ?? 'unknown')
          ? 'complete'
          : 'partly',
    lot,
    unit,
    origin: { grade: origin?.grade ?? 'unknown', by: origin?.by ?? null },
    age,
    spotCheck,
    seal: sealOf(age, unit, lot, alerts),
  };
}
