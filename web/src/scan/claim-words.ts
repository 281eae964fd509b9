// One line for each claim, in the reader's language.

import { formatMass } from '../format/mass.ts';
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
  const mass = (amount: number) => formatMass(amount, locale);
  switch (claim.kind) {
    case 'label':
      return `${t.claims.label(count(claim.number), count(claim.count), mass(claim.net))} · ${t.claims.issued(formatDate(claim.issuedAt_ms, locale))}`;
    case 'mass':
      return t.claims.mass(mass(claim.made), mass(claim.labelled));
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

/** Exact figures for the details: grams, counts, dates, keys. */
export function claimFacts(claim: Claim, t: Messages, locale: Locale): string[] {
  const count = (value: number) => value.toLocaleString(locale === 'zh' ? 'zh-CN' : 'en-GB');
  switch (claim.kind) {
    case 'mass':
      return [`${count(claim.inputs_g)} g → ${count(claim.made)} g → ${count(claim.labelled)} g`];
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
