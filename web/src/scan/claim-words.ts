// One line for each claim, in the reader's language.

import { formatDuration, formatSilence } from '../format/duration.ts';
import { formatAmount } from '../format/mass.ts';
import { formatQuantity, quantityName } from '../format/quantity.ts';
import { formatDate } from '../format/time.ts';
import type { Messages } from '../i18n/index.ts';
import type { Locale } from '../i18n/locale.ts';
import type { Claim } from '../verify/types.ts';

export function claimTitle(claim: Claim, t: Messages, locale: Locale): string {
  return claim.kind === 'climate'
    ? quantityName(claim.quantity, locale)
    : t.claims.kinds[claim.kind];
}

export function claimLine(claim: Claim, t: Messages, locale: Locale): string {
  const count = (value: number) => value.toLocaleString(locale === 'zh' ? 'zh-CN' : 'en-GB');
  const dates = (span: { readonly from_ms: number; readonly to_ms: number }) =>
    `${formatDate(span.from_ms, locale)} – ${formatDate(span.to_ms, locale)}`;
  const amount = (value: number, unit: 'g' | 'count') => formatAmount(value, unit, locale);
  switch (claim.kind) {
    case 'recall':
      if (claim.recalls.length === 0)
        return claim.grade === 'proven' ? t.claims.noRecall : t.claims.recallUnknown;
      return claim.recalls
        .map((r) => `${t.claims.recalled(r.level, formatDate(r.since_ms, locale))} · ${r.reason}`)
        .join(' · ');
    case 'dispute':
      return `${claim.product[locale]} ${claim.lot} · ${t.claims.dispute[claim.status]}`;
    case 'label':
      return [
        t.claims.label(count(claim.number), count(claim.count), amount(claim.net, claim.unit)),
        t.claims.issued(formatDate(claim.issuedAt_ms, locale)),
        t.claims.standing[claim.standing],
        claim.hidden === 'none' ? '' : t.claims.hidden[claim.hidden],
      ]
        .filter((part) => part !== '')
        .join(' · ');
    case 'mass':
      return t.claims.mass(amount(claim.made, claim.unit), amount(claim.labelled, claim.unit));
    case 'quota':
      return `${claim.product[locale]} · ${amount(claim.drawn, claim.unit)} / ${amount(claim.granted, claim.unit)}`;
    case 'policy': {
      const good = claim.steps.filter(({ within }) => within === 'yes').length;
      return t.claims.steps(good, claim.steps.length);
    }
    case 'age':
      return t.claims.born(formatDate(claim.born_ms, locale), formatDuration(claim.age_ms, locale));
    case 'limit':
      return `${boundWords(claim, t, locale)} · ${limitFinding(claim, t, locale)}`;
    case 'document':
      return claim.document === null
        ? t.papers.notShown
        : `${t.papers.types[claim.document.type] ?? claim.document.type} · ${claim.document.title} · ${t.papers.standing[claim.document.standing]}`;
    case 'origin':
      return (
        claim.places.map((place) => place.township[locale] || place.name[locale]).join(' · ') ||
        t.origin.unknown
      );
    case 'ageing':
      return `${claim.place.name[locale] || claim.place.name.zh} · ${dates(claim)} · ${t.claims.covered(claim.covered_ms, Math.max(0, claim.to_ms - claim.from_ms))}`;
    case 'spot-check':
      return t.claims.spot(claim.picked, claim.matched, claim.missing, claim.contradicted);
    case 'climate':
      return claim.count === 0
        ? t.climate.nothing
        : `${formatQuantity(claim.min, claim.quantity)} – ${formatQuantity(claim.max, claim.quantity)} · ${t.climate.mean} ${formatQuantity(claim.mean, claim.quantity)}`;
    case 'devices':
      return t.claims.devices(claim.devices.length);
    case 'process-note':
      return claim.note;
    case 'freshness':
      return t.claims.fresh(claim.age_ms);
  }
}

export type Limit = Extract<Claim, { kind: 'limit' }>;

/** The limit itself: humidity above 70 % for 24 hours on end. */
export function boundWords(claim: Limit, t: Messages, locale: Locale): string {
  if (claim.quantity === null) return t.climate.boundHidden(claim.product[locale]);
  return t.climate.bound(
    quantityName(claim.quantity, locale),
    claim.above,
    formatQuantity(claim.limit, claim.quantity),
    formatDuration(claim.duration_ms, locale),
    claim.cumulative,
  );
}

/** What readings show of it, and for how long nothing is known. */
export function limitFinding(claim: Limit, t: Messages, locale: Locale): string {
  if (claim.quantity === null) return t.climate.boundUnknown;
  return [
    claim.excursions > 0
      ? t.climate.exceeded(claim.excursions, formatDuration(claim.longest_ms, locale))
      : t.climate.noneShown,
    claim.statedDays > 0 ? t.climate.statedDays(claim.statedDays) : '',
    claim.unknown_ms > 0 ? t.climate.unknownFor(formatSilence(claim.unknown_ms, locale)) : '',
  ]
    .filter((part) => part !== '')
    .join(locale === 'zh' ? '；' : '; ');
}

/** The policy that sets the limit; where not even that is shown, nothing. */
export function policyName({ policy }: Limit, locale: Locale): string {
  return policy === null ? '' : `${policy.title?.[locale] ?? policy.id} v${policy.version}`;
}

/** Exact figures for the details: grams, counts, dates, keys. */
export function claimFacts(claim: Claim, t: Messages, locale: Locale): string[] {
  const count = (value: number) => value.toLocaleString(locale === 'zh' ? 'zh-CN' : 'en-GB');
  switch (claim.kind) {
    case 'mass': {
      const exact = (value: number, unit: 'g' | 'count') =>
        unit === 'g' ? `${count(value)} g` : formatAmount(value, unit, locale);
      const parts = [
        t.origin.left(exact(claim.left, claim.unit)),
        t.origin.used(exact(claim.used, claim.unit)),
        t.origin.lost(exact(claim.lost, claim.unit)),
        t.origin.destroyed(exact(claim.destroyed, claim.unit)),
      ];
      const from = claim.inputs.map((i) => `${exact(i.amount, i.unit)} ${i.product[locale]}`);
      return [
        `${from.join(' + ')} → ${exact(claim.made, claim.unit)} → ${exact(claim.labelled, claim.unit)}`,
        parts.join(' · '),
      ];
    }
    case 'age':
      return claim.auditors.map(({ name }) => name[locale]);
    case 'origin':
      return claim.basis === null ? [] : [t.origin.basis[claim.basis]];
    case 'policy':
      return claim.steps.map((step) =>
        t.claims.yieldStep(
          step.lot,
          step.from.map((f) => formatAmount(f.amount, f.unit, locale)).join(' + '),
          formatAmount(step.to.amount, step.to.unit, locale),
          step.max === null ? '?' : formatAmount(step.max, step.to.unit, locale),
          `${step.policy.id} v${step.policy.version}`,
        ),
      );
    case 'limit':
      return claim.policy === null ? [] : [policyName(claim, locale)];
    case 'document':
      return claim.document === null ? [] : [`SHA-256 ${claim.document.hash}`];
    case 'climate':
      return [
        t.claims.readings(count(claim.count)),
        `${formatDate(claim.from_ms, locale)} – ${formatDate(claim.to_ms, locale)}`,
      ];
    case 'devices':
      return claim.devices.map((device) =>
        t.claims.device(
          device.id,
          device.suite.toUpperCase(),
          device.calibratedUntil_ms === null
            ? t.claims.notCalibrated
            : t.claims.calibrated(formatDate(device.calibratedUntil_ms, locale)),
        ),
      );
    default:
      return [];
  }
}
