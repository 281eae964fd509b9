// The values that the house's CBOR can hold (docs/formats.md §1): no floats, no undefined, integers within ±(2^53 − 1).

export const TAG_DECIMAL = 4;
export const TAG_SIGN1 = 18;

/** RFC 8949 §3.4.4 decimal fraction, tag 4: `mantissa × 10^exponent`. */
export class Decimal {
  readonly exponent: number;
  readonly mantissa: number;
  constructor(exponent: number, mantissa: number) {
    this.exponent = exponent;
    this.mantissa = mantissa;
  }
}

/** A COSE_Sign1 array under its tag 18. */
export class Sign1 {
  readonly items: readonly CborValue[];
  constructor(items: readonly CborValue[]) {
    this.items = items;
  }
}

/** A map with text keys. Decoding refuses the key `__proto__`. */
export interface CborObject {
  readonly [key: string]: CborValue | undefined;
}

/** Maps with text keys are plain objects (an `undefined` member is left out); maps with integer keys are `Map`s; an empty map decodes to `{}`. */
export type CborValue =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | Decimal
  | Sign1
  | readonly CborValue[]
  | ReadonlyMap<number, CborValue>
  | CborObject;
