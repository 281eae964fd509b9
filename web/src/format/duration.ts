import type { Locale } from '../i18n/locale.ts';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
export const YEAR_MS = 365.25 * DAY_MS;
export const MONTH_MS = YEAR_MS / 12;

/** A number never parts from its unit at the end of a line. */
const NBSP = '\u00a0';

const en = (count: number, unit: string) => `${count}${NBSP}${unit}${count === 1 ? '' : 's'}`;

/**
 * A duration in the two largest units that matter, always rounded down: a page that shows evidence must not round a
 * day into existence.
 */
export function formatDuration(duration_ms: number, locale: Locale): string {
  const zh = locale === 'zh';
  const days = Math.floor(duration_ms / DAY_MS);
  const years = Math.floor(duration_ms / YEAR_MS);
  if (years >= 1) {
    const rest = Math.floor((duration_ms - years * YEAR_MS) / DAY_MS);
    const head = zh ? `${years}${NBSP}年` : en(years, 'year');
    if (rest === 0) return head;
    return zh ? `${head} ${rest}${NBSP}天` : `${head} ${en(rest, 'day')}`;
  }
  if (days >= 60) return zh ? `${days}${NBSP}天` : en(days, 'day');
  const hours = Math.floor((duration_ms - days * DAY_MS) / HOUR_MS);
  if (days >= 1) {
    const head = zh ? `${days}${NBSP}天` : en(days, 'day');
    if (hours === 0) return head;
    return zh ? `${head} ${hours}${NBSP}小时` : `${head} ${en(hours, 'hour')}`;
  }
  if (hours >= 1) return zh ? `${hours}${NBSP}小时` : en(hours, 'hour');
  const minutes = Math.floor(duration_ms / 60_000);
  if (minutes === 0) {
    const seconds = Math.max(0, Math.floor(duration_ms / 1000));
    return zh ? `${seconds}${NBSP}秒` : en(seconds, 'second');
  }
  return zh ? `${minutes}${NBSP}分钟` : en(minutes, 'minute');
}

/**
 * Time without readings, rounded up: to the minute below a day, to the hour below sixty days, else to the day. A page that
 * shows evidence must not round a silence away.
 */
export function formatSilence(silence_ms: number, locale: Locale): string {
  const unit_ms = silence_ms < DAY_MS ? 60_000 : silence_ms < 60 * DAY_MS ? HOUR_MS : DAY_MS;
  const rounded_ms = Math.ceil(silence_ms / unit_ms) * unit_ms;
  const whole = formatDuration(rounded_ms, locale);
  const minutes = (rounded_ms % HOUR_MS) / 60_000;
  if (rounded_ms < HOUR_MS || rounded_ms >= DAY_MS || minutes === 0) return whole;
  return locale === 'zh' ? `${whole} ${minutes}${NBSP}分钟` : `${whole} ${en(minutes, 'minute')}`;
}

/** Months as a maker writes an age: 60 → 5 years, 18 → 1 year 6 months. */
export function formatMonths(months: number, locale: Locale): string {
  const years = Math.floor(months / 12);
  const rest = months % 12;
  const parts: string[] = [];
  if (locale === 'zh') {
    if (years > 0) parts.push(`${years}${NBSP}年`);
    if (rest > 0 || years === 0) parts.push(`${rest}${NBSP}个月`);
  } else {
    if (years > 0) parts.push(en(years, 'year'));
    if (rest > 0 || years === 0) parts.push(en(rest, 'month'));
  }
  return parts.join(' ');
}

const NUMERALS = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九', '十'];

/** Whole years for the seal: 三, 十二, 二十. */
export function chineseNumeral(value: number): string {
  if (value <= 10) return NUMERALS[value] ?? String(value);
  if (value >= 100) return String(value);
  const tens = Math.floor(value / 10);
  const ones = value % 10;
  return `${tens > 1 ? NUMERALS[tens] : ''}十${ones > 0 ? NUMERALS[ones] : ''}`;
}
