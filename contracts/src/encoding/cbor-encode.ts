// Writing CBOR in the one form that Suyuan hashes and signs: RFC 8949 §4.2.1 deterministic encoding, narrowed by
// docs/formats.md §1. cborg writes; the check before it refuses what cborg would write in some other form.

import { encode, objectToTokens, Token, Type, type TypeEncoder } from 'cborg';
import { AppError } from '../errors.ts';
import { CBOR_DEPTH_MAX } from '../limits.ts';
import { isWellFormedText } from './bytes.ts';
import { type CborValue, Decimal, Sign1, TAG_DECIMAL, TAG_SIGN1 } from './types.ts';

/**
 * The canonical bytes of `value`, in a buffer of their own; `decodeCbor` accepts them. Members of an object that are `undefined` are left out.
 * Throws `cbor/unsupported` (floats, integers beyond ±(2^53 − 1), `undefined` in an array, text with a lone surrogate,
 * the key `__proto__`, any other kind of value) or `cbor/too-deep`.
 */
export function encodeCbor(value: CborValue): Uint8Array {
  assertEncodable(value, 0);
  const bytes = encode(value, OPTIONS);
  // In Node cborg may answer with a Buffer, or with a view of the pool that Buffers share: both alias.
  const owned = bytes.constructor === Uint8Array && bytes.length === bytes.buffer.byteLength;
  return owned ? bytes : new Uint8Array(bytes);
}

const tags: TypeEncoder = (value, _type, options, refs) => {
  if (value instanceof Decimal) {
    return [new Token(Type.tag, TAG_DECIMAL), integersOf(value, options, refs)];
  }
  if (value instanceof Sign1) {
    return [new Token(Type.tag, TAG_SIGN1), objectToTokens(value.items, options, refs)];
  }
  return null;
};

function integersOf(value: Decimal, ...[options, refs]: Tail<Parameters<typeof objectToTokens>>) {
  return objectToTokens([value.exponent, value.mantissa], options, refs);
}
type Tail<T extends unknown[]> = T extends [unknown, ...infer Rest] ? Rest : never;

// cborg's default key order (major type, then shorter, then bytewise) is the bytewise order of RFC 8949 for the keys we
// allow, integers or text, and is several times as fast as its RFC 8949 sorter.
const OPTIONS = { typeEncoders: { Object: tags }, ignoreUndefinedProperties: true };

function refuse(message: string): AppError {
  return new AppError('cbor/unsupported', message);
}

function assertEncodable(value: unknown, depth: number): void {
  if (typeof value === 'number') assertInteger(value);
  else if (typeof value === 'string') assertText(value);
  else if (typeof value === 'object') assertObject(value, depth);
  else if (typeof value !== 'boolean') throw refuse(`Leave out the value of type ${typeof value}.`);
}

function assertObject(value: object | null, depth: number): void {
  if (value === null || value instanceof Uint8Array) return;
  // Sign1 and Decimal are two levels, the tag and its array.
  const levels = value instanceof Decimal ? 2 : 1;
  if (depth + levels > CBOR_DEPTH_MAX) {
    throw new AppError('cbor/too-deep', `Nest at most ${CBOR_DEPTH_MAX} levels.`);
  }
  if (value instanceof Map) assertMap(value, depth + 1);
  else if (Array.isArray(value)) assertItems(value, depth + 1);
  else if (value instanceof Decimal) [value.exponent, value.mantissa].forEach(assertInteger);
  else if (value instanceof Sign1) assertObject(value.items, depth + 1);
  else assertMembers(value, depth + 1);
}

function assertInteger(value: unknown): void {
  if (!Number.isSafeInteger(value)) {
    throw refuse('Keep numbers integers within ±(2^53 − 1); write fractions as Decimal.');
  }
}

function assertText(text: string): void {
  if (!isWellFormedText(text)) throw refuse('Remove the lone surrogate from the text.');
}

function assertItems(items: readonly unknown[], depth: number): void {
  // An index loop, because iteration helpers skip the holes of a sparse array.
  for (let i = 0; i < items.length; i++) assertEncodable(items[i], depth);
}

function assertMap(map: ReadonlyMap<unknown, unknown>, depth: number): void {
  for (const [key, value] of map) {
    assertInteger(key);
    assertEncodable(value, depth);
  }
}

function assertMembers(object: object, depth: number): void {
  const prototype = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null) {
    throw refuse('Give plain objects, Maps with integer keys, arrays, bytes, Decimal or Sign1.');
  }
  for (const [key, value] of Object.entries(object)) {
    if (key === '__proto__') throw refuse('Rename the key __proto__.');
    assertText(key);
    if (value !== undefined) assertEncodable(value, depth);
  }
}
