// A number as a logger printed it, taken digit by digit: no float comes near a value that will be signed.

import { AppError, Decimal } from '@suyuan/contracts';

const NUMBER = /^([+-]?)(\d{1,9})(?:\.(\d{1,6}))?$/;

/** `21.80` → Decimal(-2, 2180), an integer → exponent 0. Throws `replay/bad-number`. */
export function textToDecimal(text: string): Decimal {
  const match = NUMBER.exec(text);
  if (match === null) {
    throw new AppError(
      'replay/bad-number',
      'write a plain decimal of at most 9 digits and 6 decimals, or leave the field empty',
    );
  }
  const [, sign, whole = '', fraction = ''] = match;
  const size = Number(whole + fraction);
  return new Decimal(
    fraction === '' ? 0 : -fraction.length,
    sign === '-' && size > 0 ? -size : size,
  );
}

/** `value × 10^scale` as an integer, a finer fraction rounded half away from zero (docs/formats.md §3). */
export function decimalToScaled(value: Decimal, scale: number): number {
  const shift = value.exponent + scale;
  if (shift >= 0) return value.mantissa * 10 ** shift;
  const divisor = 10 ** -shift;
  const size = Math.abs(value.mantissa);
  const rest = size % divisor;
  const whole = (size - rest) / divisor + (rest * 2 >= divisor ? 1 : 0);
  return value.mantissa < 0 && whole > 0 ? -whole : whole;
}
