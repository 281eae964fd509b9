// Readers of decoded values whose shape an attacker chose. Each returns the value with its type or throws
// `format/invalid`, whose message names the field (`what`) and what belongs there.

import { AppError } from '../errors.ts';
import { type CborObject, type CborValue, Decimal, Sign1 } from './types.ts';

/** What the readers accept: a decoded value, or a member that is absent. */
export type Field = CborValue | undefined;

function invalid(what: string, expected: string): AppError {
  return new AppError('format/invalid', `Give ${what} as ${expected}.`);
}

/** A map with text keys. An empty map is one. */
export function asObject(value: Field, what: string): CborObject {
  if (!isObject(value)) throw invalid(what, 'a map with text keys');
  return value;
}

function isObject(value: Field): value is CborObject {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array) &&
    !(value instanceof Map) &&
    !(value instanceof Decimal) &&
    !(value instanceof Sign1)
  );
}

/** A map with integer keys. An empty map, which decodes to `{}`, gives an empty Map. */
export function asMap(value: Field, what: string): ReadonlyMap<number, CborValue> {
  if (value instanceof Map) return value;
  if (isObject(value) && Object.keys(value).length === 0) return new Map();
  throw invalid(what, 'a map with integer keys');
}

/** An array of `min` to `max` items. */
export function asArray(value: Field, what: string, max: number, min = 0): readonly CborValue[] {
  if (!Array.isArray(value)) throw invalid(what, 'an array');
  if (value.length > max || value.length < min) {
    throw invalid(
      what,
      min === max ? `an array of ${max} items` : `an array of ${min} to ${max} items`,
    );
  }
  return value;
}

/** A byte string, of exactly `size_bytes` bytes when given. */
export function asBytes(value: Field, what: string, size_bytes?: number): Uint8Array {
  if (!(value instanceof Uint8Array)) throw invalid(what, 'bytes');
  if (size_bytes !== undefined && value.length !== size_bytes) {
    throw invalid(what, `${size_bytes} bytes`);
  }
  return value;
}

/** An integer from 0 to `max` (2^53 − 1 unless given). */
export function asUint(value: Field, what: string, max: number = Number.MAX_SAFE_INTEGER): number {
  if (!isInteger(value) || value < 0 || value > max) {
    throw invalid(what, `an integer from 0 to ${max}`);
  }
  return value;
}

/** An integer from `min` to `max` (±(2^53 − 1) unless given). */
export function asInt(
  value: Field,
  what: string,
  min: number = Number.MIN_SAFE_INTEGER,
  max: number = Number.MAX_SAFE_INTEGER,
): number {
  if (!isInteger(value) || value < min || value > max) {
    throw invalid(what, `an integer from ${min} to ${max}`);
  }
  return value;
}

function isInteger(value: Field): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value);
}

/** Text of at most `maxChars` UTF-16 code units, possibly empty. */
export function asText(value: Field, what: string, maxChars: number): string {
  if (typeof value !== 'string' || value.length > maxChars) {
    throw invalid(what, `text of at most ${maxChars} characters`);
  }
  return value;
}

export function asBool(value: Field, what: string): boolean {
  if (typeof value !== 'boolean') throw invalid(what, 'true or false');
  return value;
}

/** Refuses members of `object` other than `keys`. Returns nothing. */
export function onlyKeys(object: CborObject, keys: readonly string[], what: string): void {
  for (const key of Object.keys(object)) {
    if (!keys.includes(key)) throw invalid(what, `a map with no keys but ${keys.join(', ')}`);
  }
}
