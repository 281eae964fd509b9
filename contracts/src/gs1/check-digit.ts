// Check digits and check characters of GS1 keys (GS1 General Specifications §7.9).

import { AppError } from '../errors.ts';

/** The mod-10 check digit over `digits` (decimal, without the check digit): weights 3, 1, 3, … from the right. */
export function checkDigit(digits: string): number {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    sum += (digits.charCodeAt(digits.length - 1 - i) - 48) * (i % 2 === 0 ? 3 : 1);
  }
  return (10 - (sum % 10)) % 10;
}

/** True for two or more digits of which the last is the check digit of the others. */
export function hasCheckDigit(digits: string): boolean {
  return /^\d{2,}$/.test(digits) && checkDigit(digits.slice(0, -1)) === Number(digits.at(-1));
}

/** True for 14 digits with a right check digit. */
export function isGtin14(text: string): boolean {
  return text.length === 14 && hasCheckDigit(text);
}

/** True for 13 digits with a right check digit. */
export function isGln(text: string): boolean {
  return text.length === 13 && hasCheckDigit(text);
}

/** Throws `gs1/bad-gtin` unless `text` is a GTIN-14. */
export function assertGtin14(text: string): void {
  if (isGtin14(text)) return;
  throw new AppError(
    'gs1/bad-gtin',
    'A GTIN has 14 digits, the last of them its check digit: compare it with the label.',
  );
}

/** Throws `gs1/bad-gln` unless `text` is a GLN. */
export function assertGln(text: string): void {
  if (isGln(text)) return;
  throw new AppError(
    'gs1/bad-gln',
    'A GLN has 13 digits, the last of them its check digit: compare it with its registration.',
  );
}

/** The GTIN-14 of a GTIN-8, -12, -13 or -14, zeros put in front. Throws `gs1/bad-gtin`. */
export function toGtin14(gtin: string): string {
  const padded = /^(\d{8}|\d{12,14})$/.test(gtin) ? gtin.padStart(14, '0') : '';
  assertGtin14(padded);
  return padded;
}

/** GS1 character set 82 in the order of its values. */
export const CHARSET_82 =
  '!"%&\'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz';
const CHARSET_32 = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';
// One prime a character, the rightmost character first; a GMN has at most 23 before its check pair.
const PRIMES = [
  2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83,
];

/** True if the last two characters of `text` (3 to 25 of character set 82) are its check pair, as in a GMN. */
export function hasCheckPair(text: string): boolean {
  const body = text.slice(0, -2);
  if (body.length < 1 || body.length > PRIMES.length) return false;
  let sum = 0;
  for (let i = 0; i < body.length; i++) {
    const value = CHARSET_82.indexOf(body[body.length - 1 - i]!);
    if (value < 0) return false;
    sum += value * PRIMES[i]!;
  }
  sum %= 1021;
  return text.slice(-2) === CHARSET_32[sum >> 5]! + CHARSET_32[sum & 31]!;
}
