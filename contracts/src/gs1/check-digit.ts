// Check digits of GS1 keys (GS1 General Specifications §7.9): modulo 10 with weights 3 and 1 from the right.

/** True if the last of these digits is the right check digit of the others. */
export function hasCheckDigit(digits: string): boolean {
  if (!/^\d{2,18}$/.test(digits)) return false;
  let sum = 0;
  for (let i = 0; i < digits.length; i += 1) {
    const fromRight = digits.length - 1 - i;
    sum += Number(digits[i]) * (fromRight % 2 === 0 ? 1 : 3);
  }
  return sum % 10 === 0;
}

/** True for 14 digits with a right check digit. */
export function isGtin14(value: string): boolean {
  return value.length === 14 && hasCheckDigit(value);
}

/** True for 13 digits with a right check digit. */
export function isGln(value: string): boolean {
  return value.length === 13 && hasCheckDigit(value);
}
