// Identifiers of the demo are of GS1 prefix 952, which is kept for demonstrations; names say that they are invented.

import { checkDigit } from '@suyuan/contracts';

const PREFIX = '9520000';

export const DAY_MS = 86_400_000;
export const HOUR_MS = 3_600_000;
export const MINUTE_MS = 60_000;

export function gtin(number: number): string {
  const body = `0${PREFIX}${String(number).padStart(5, '0')}`;
  return `${body}${checkDigit(body)}`;
}

export function gln(number: number): string {
  const body = `${PREFIX}${String(number).padStart(5, '0')}`;
  return `${body}${checkDigit(body)}`;
}

export interface Names {
  readonly zh: string;
  readonly en: string;
}

export const names = (zh: string, en: string): Names => ({ zh, en });
