import type { Locale } from '../i18n/locale.ts';

const number = (value: number, locale: Locale, digits: number) =>
  value.toLocaleString(locale === 'zh' ? 'zh-CN' : 'en-GB', { maximumFractionDigits: digits });

/** Exact grams, for the details. */
export function formatGrams(mass_g: number, locale: Locale): string {
  return locale === 'zh'
    ? `${number(mass_g, locale, 0)}\u00a0克`
    : `${number(mass_g, locale, 0)}\u00a0g`;
}

/** The mass as a buyer says it: grams below a kilogram, kilograms, tonnes. */
export function formatMass(mass_g: number, locale: Locale): string {
  const zh = locale === 'zh';
  if (mass_g < 1000) return formatGrams(mass_g, locale);
  if (mass_g < 10_000_000) return `${number(mass_g / 1000, locale, 2)}\u00a0${zh ? '公斤' : 'kg'}`;
  return `${number(mass_g / 1_000_000, locale, 2)}\u00a0${zh ? '吨' : 't'}`;
}

/** The market's unit, half a kilogram; only Chinese readers use it. */
export function formatJin(mass_g: number): string {
  return `${number(mass_g / 500, 'zh', 2)}\u00a0斤`;
}

/** Mass for what is weighed, a number of pieces for what is counted. */
export function formatAmount(amount: number, unit: 'g' | 'count', locale: Locale): string {
  if (unit === 'g') return formatMass(amount, locale);
  return locale === 'zh'
    ? `${number(amount, locale, 0)}\u00a0件`
    : `${number(amount, locale, 0)}\u00a0${amount === 1 ? 'piece' : 'pieces'}`;
}
