// CBOR values as JSON for people and consoles: byte strings as lower-case hex, decimals as text. Proofs are checked against
// the bytes, never against this view.

import { bytesToHex, type CborValue, Decimal, decodeCbor, Sign1 } from '@suyuan/contracts';

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** The JSON view of a decoded value. */
export function toJson(value: CborValue): Json {
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Uint8Array) return bytesToHex(value);
  if (value instanceof Decimal) return `${value.mantissa}e${value.exponent}`;
  if (value instanceof Sign1) return value.items.map(toJson);
  if (isList(value)) return value.map(toJson);
  const entries: Iterable<[string | number, CborValue | undefined]> = isIntegerMap(value)
    ? value.entries()
    : Object.entries(value);
  const object: Record<string, Json> = {};
  for (const [key, member] of entries)
    if (member !== undefined) object[String(key)] = toJson(member);
  return object;
}

/** The JSON view of an encoded value. */
export function encodedToJson(bytes: Uint8Array): Json {
  return toJson(decodeCbor(bytes));
}

function isList(value: CborValue): value is readonly CborValue[] {
  return Array.isArray(value);
}

function isIntegerMap(value: CborValue): value is ReadonlyMap<number, CborValue> {
  return value instanceof Map;
}
