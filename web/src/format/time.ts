import type { Locale } from '../i18n/locale.ts';

const tag = (locale: Locale) => (locale === 'zh' ? 'zh-CN' : 'en-GB');

export function formatDate(time_ms: number, locale: Locale): string {
  if (locale === 'zh') {
    const date = new Date(time_ms);
    const two = (value: number) => String(value).padStart(2, '0');
    return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  }
  return new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
  }).format(time_ms);
}

export function formatDateTime(time_ms: number, locale: Locale): string {
  const clock = new Intl.DateTimeFormat(tag(locale), {
    hour: '2-digit',
    minute: '2-digit',
    hour12: false,
  }).format(time_ms);
  return `${formatDate(time_ms, locale)} ${clock}`;
}

export function formatClock(time_ms: number, locale: Locale): string {
  return new Intl.DateTimeFormat(tag(locale), {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hour12: false,
  }).format(time_ms);
}

/** The reader's zone as "GMT+8"; times on the page are in it. */
export function zoneName(time_ms: number): string {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'shortOffset' }).formatToParts(
    time_ms,
  );
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? 'UTC';
}
