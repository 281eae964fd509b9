// Writing CBOR in the one form that Suyuan hashes and signs: RFC 8949 §4.2.1 deterministic encoding, narrowed by
// docs/formats.md §1. Values are checked as they are written, in one pass: a pack or a journal record is a few microseconds.

import { AppError } from '../errors.ts';
import { CBOR_DEPTH_MAX } from '../limits.ts';
import { compareBytes, isWellFormedText, utf8ToBytes } from './bytes.ts';
import { type CborValue, Decimal, Sign1, TAG_DECIMAL, TAG_SIGN1 } from './types.ts';

/** RFC 8949 §3.1, in the upper three bits. */
const UINT = 0x00;
const NEGATIVE = 0x20;
const BYTES = 0x40;
const TEXT = 0x60;
const ARRAY = 0x80;
const MAP = 0xa0;
const TAG = 0xc0;
const FALSE = 0xf4;
const TRUE = 0xf5;
const NULL = 0xf6;

const TWO_32 = 2 ** 32;
const HEAD_BYTES_MAX = 9;
const FIRST_BYTES = 1024;
/** A larger buffer is not kept for the next value. */
const KEPT_BYTES_MAX = 64 * 1024;

/**
 * The canonical bytes of `value`, in a buffer of their own; `decodeCbor` accepts them. Members of an object that are `undefined` are left out.
 * Throws `cbor/unsupported` (floats, integers beyond ±(2^53 − 1), `undefined` in an array, text with a lone surrogate,
 * the key `__proto__`, any other kind of value) or `cbor/too-deep`.
 */
export function encodeCbor(value: CborValue): Uint8Array {
  const writer = new Writer(spare ?? new Uint8Array(FIRST_BYTES));
  // Taken while in use: a getter of the value may encode too.
  spare = undefined;
  writer.value(value, 0);
  const encoded = writer.bytes.slice(0, writer.size);
  if (writer.bytes.length <= KEPT_BYTES_MAX) spare = writer.bytes;
  return encoded;
}

let spare: Uint8Array | undefined;

function refuse(message: string): AppError {
  return new AppError('cbor/unsupported', message);
}

class Writer {
  bytes: Uint8Array;
  size = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  value(value: unknown, depth: number): void {
    if (typeof value === 'number') this.integer(value);
    else if (typeof value === 'string') this.text(value);
    else if (typeof value === 'boolean') this.byte(value ? TRUE : FALSE);
    else if (value === null) this.byte(NULL);
    else if (value instanceof Uint8Array) this.byteString(value);
    else if (typeof value === 'object') this.nested(value, depth);
    else throw refuse(`Leave out the value of type ${typeof value}.`);
  }

  private nested(value: object, depth: number): void {
    // Sign1 and Decimal are two levels, the tag and its array.
    const levels = value instanceof Decimal || value instanceof Sign1 ? 2 : 1;
    if (depth + levels > CBOR_DEPTH_MAX) {
      throw new AppError('cbor/too-deep', `Nest at most ${CBOR_DEPTH_MAX} levels.`);
    }
    if (value instanceof Map) this.map(value, depth + 1);
    else if (Array.isArray(value)) this.array(value, depth + 1);
    else if (value instanceof Decimal) {
      this.head(TAG, TAG_DECIMAL);
      this.head(ARRAY, 2);
      this.integer(value.exponent);
      this.integer(value.mantissa);
    } else if (value instanceof Sign1) {
      this.head(TAG, TAG_SIGN1);
      this.array(value.items, depth + 2);
    } else this.members(value, depth + 1);
  }

  private array(items: readonly unknown[], depth: number): void {
    this.head(ARRAY, items.length);
    // An index loop, because iteration helpers skip the holes of a sparse array.
    for (let i = 0; i < items.length; i++) this.value(items[i], depth);
  }

  private map(map: ReadonlyMap<unknown, unknown>, depth: number): void {
    const keys: number[] = [];
    for (const key of map.keys()) keys.push(integerOf(key));
    this.head(MAP, keys.length);
    for (const key of keys.sort(compareIntegerKeys)) {
      this.integer(key);
      this.value(map.get(key), depth);
    }
  }

  private members(object: object, depth: number): void {
    const prototype = Object.getPrototypeOf(object);
    if (prototype !== Object.prototype && prototype !== null) {
      throw refuse('Give plain objects, Maps with integer keys, arrays, bytes, Decimal or Sign1.');
    }
    const entries: [string, unknown][] = [];
    for (const entry of Object.entries(object)) {
      if (entry[0] === '__proto__') throw refuse('Rename the key __proto__.');
      if (entry[1] !== undefined) entries.push(entry);
    }
    entries.sort(([a], [b]) => compareTextKeys(a, b));
    this.head(MAP, entries.length);
    for (const [key, value] of entries) {
      this.text(key);
      this.value(value, depth);
    }
  }

  private integer(value: unknown): void {
    const integer = integerOf(value);
    if (integer >= 0) this.head(UINT, integer);
    else this.head(NEGATIVE, -1 - integer);
  }

  private text(text: string): void {
    const { length } = text;
    this.reserve(HEAD_BYTES_MAX + length);
    const start = this.size;
    this.head(TEXT, length);
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) {
        // Not ASCII: begun again with the length of its UTF-8.
        this.size = start;
        if (!isWellFormedText(text)) throw refuse('Remove the lone surrogate from the text.');
        this.string(TEXT, utf8ToBytes(text));
        return;
      }
      this.bytes[this.size++] = code;
    }
  }

  private byteString(bytes: Uint8Array): void {
    this.string(BYTES, bytes);
  }

  private string(major: number, bytes: Uint8Array): void {
    this.head(major, bytes.length);
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.size);
    this.size += bytes.length;
  }

  /** The shortest head, RFC 8949 §4.2.1. */
  private head(major: number, value: number): void {
    if (value < 24) {
      this.byte(major | value);
    } else if (value < 0x100) {
      this.byte(major | 24);
      this.byte(value);
    } else if (value < 0x1_0000) {
      this.byte(major | 25);
      this.byte(value >>> 8);
      this.byte(value);
    } else if (value < TWO_32) {
      this.byte(major | 26);
      this.uint32(value);
    } else {
      this.byte(major | 27);
      this.uint32(Math.floor(value / TWO_32));
      this.uint32(value % TWO_32);
    }
  }

  private uint32(value: number): void {
    this.byte(value >>> 24);
    this.byte(value >>> 16);
    this.byte(value >>> 8);
    this.byte(value);
  }

  private byte(value: number): void {
    if (this.size === this.bytes.length) this.reserve(1);
    this.bytes[this.size++] = value;
  }

  private reserve(more: number): void {
    const needed = this.size + more;
    if (needed <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.bytes.length));
    larger.set(this.bytes.subarray(0, this.size));
    this.bytes = larger;
  }
}

function integerOf(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw refuse('Keep numbers integers within ±(2^53 − 1); write fractions as Decimal.');
}

/** The bytewise order of their encodings: 0, 1, 2 …, then −1, −2 … */
function compareIntegerKeys(a: number, b: number): number {
  if (a < 0 !== b < 0) return a < 0 ? 1 : -1;
  return a < 0 ? b - a : a - b;
}

/** The bytewise order of their encodings: the head makes the shorter UTF-8 the lower one. */
function compareTextKeys(a: string, b: string): number {
  if (isAscii(a) && isAscii(b)) {
    if (a.length !== b.length) return a.length - b.length;
    return a < b ? -1 : a > b ? 1 : 0;
  }
  const [first, second] = [utf8ToBytes(a), utf8ToBytes(b)];
  return first.length - second.length || compareBytes(first, second);
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}
