import type { Locale } from '../i18n/locale.ts';

interface Quantity {
  readonly zh: string;
  readonly en: string;
  readonly unit: string;
  /** Stored integers per shown unit. */
  readonly scale: number;
  readonly digits: number;
}

const QUANTITIES: Record<string, Quantity> = {
  temperature: { zh: '温度', en: 'Temperature', unit: '°C', scale: 1000, digits: 1 },
  humidity: { zh: '相对湿度', en: 'Relative humidity', unit: '%', scale: 1000, digits: 0 },
  mass: { zh: '称重', en: 'Weight', unit: 'kg', scale: 1000, digits: 2 },
  battery: { zh: '电池', en: 'Battery', unit: 'V', scale: 1000, digits: 2 },
};

export function quantityName(quantity: string, locale: Locale): string {
  return QUANTITIES[quantity]?.[locale] ?? quantity;
}

export function quantityUnit(quantity: string): string {
  return QUANTITIES[quantity]?.unit ?? '';
}

export function quantityScale(quantity: string): number {
  return QUANTITIES[quantity]?.scale ?? 1;
}

/** `23456` milli-°C → "23.5 °C". */
export function formatQuantity(value: number, quantity: string): string {
  const known = QUANTITIES[quantity];
  if (known === undefined) return String(value);
  const space = known.unit === '%' ? '' : ' ';
  return `${(value / known.scale).toFixed(known.digits)}${space}${known.unit}`;
}
