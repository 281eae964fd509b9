// Values as loggers print them → milli-°C and milli-%: digit by digit, with a decimal point or comma.

import { AppError } from '@suyuan/contracts';

export type TemperatureUnit = 'C' | 'F';

const MISSING = /^(-{1,4}|n\/?a|null|nc|无|—+)?$/i;
const VALUE = /^([+-]?)(\d{1,6})(?:[.,](\d{1,6}))?\s*(°?\s*[cf]|%\s*(?:rh|rf)?)?$/i;
const MICRO = 1_000_000;

/** True for a cell that says that there is no value. */
export function isMissing(text: string): boolean {
  return MISSING.test(text.trim());
}

/** Milli-°C; fractions finer than that are rounded half away from zero. Throws `table/bad-number` or `import/other-unit`. */
export function temperature_mC(text: string, unit: TemperatureUnit): number {
  const { micro, suffix } = parsed(text);
  const own = suffix.replace(/[°\s]/g, '').toUpperCase();
  if (own !== '' && own !== unit) {
    throw new AppError(
      'import/other-unit',
      `${text.trim().slice(0, 20)} is not in °${unit} as its column is: export it in one unit.`,
    );
  }
  return unit === 'C' ? rounded(micro, 1000) : rounded((micro - 32 * MICRO) * 5, 9 * 1000);
}

/** Milli-% of relative humidity. */
export function humidity_mPct(text: string): number {
  const { micro, suffix } = parsed(text);
  if (/[cf]$/i.test(suffix) && !suffix.startsWith('%')) {
    throw new AppError('import/other-unit', `${text.trim().slice(0, 20)} is no relative humidity.`);
  }
  return rounded(micro, 1000);
}

function parsed(text: string): { micro: number; suffix: string } {
  const match = VALUE.exec(text.normalize('NFKC').trim());
  if (match === null) {
    throw new AppError('table/bad-number', `"${text.slice(0, 40)}" is no plain number.`);
  }
  const [, sign, whole = '', fraction = '', suffix = ''] = match;
  const size = Number(whole + fraction.padEnd(6, '0'));
  return { micro: sign === '-' ? -size : size, suffix };
}

function rounded(num: number, den: number): number {
  const size = Math.abs(num);
  const rest = size % den;
  const whole = (size - rest) / den + (rest * 2 >= den ? 1 : 0);
  return num < 0 && whole > 0 ? -whole : whole;
}
