// Reading CBOR in the one form that Suyuan hashes and signs: RFC 8949 §4.2.1 deterministic encoding, narrowed by
// docs/formats.md §1. One pass over the bytes, which come from anyone: whatever could be written in another way is refused.

import { AppError } from '../errors.ts';
import { CBOR_DEPTH_MAX } from '../limits.ts';
import { bytesToUtf8 } from './bytes.ts';
import { type CborValue, Decimal, Sign1, TAG_DECIMAL, TAG_SIGN1 } from './types.ts';

/** Major types, RFC 8949 §3.1. */
const UINT = 0;
const NEGATIVE = 1;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;
const MAP = 5;
const TAG = 6;
const FALSE = 0xf4;
const TRUE = 0xf5;
const NULL = 0xf6;

/** Additional information: below it is the argument itself, from it on the size of the argument that follows. */
const IN_HEAD = 24;
const RESERVED = 28;
const INDEFINITE = 31;
const TWO_32 = 2 ** 32;
/** The least argument that needs 1, 2, 4 or 8 bytes. */
const LEAST = [IN_HEAD, 2 ** 8, 2 ** 16, TWO_32] as const;
/** Up to here joining characters is quicker than a call of the decoder of UTF-8. */
const SHORT_TEXT_BYTES = 32;

/**
 * The value of exactly one item that fills `bytes`. Byte strings are copies. Nesting counts arrays, maps and tags.
 * Throws `cbor/malformed` (no CBOR, truncated, trailing bytes, text that is not UTF-8), `cbor/not-canonical` (a longer
 * form than needed, indefinite lengths, keys out of order or twice), `cbor/unsupported` (floats, `undefined`, other simple
 * values, other tags, integers beyond ±(2^53 − 1), other map keys, the key `__proto__`) or `cbor/too-deep`.
 */
export function decodeCbor(bytes: Uint8Array): CborValue {
  if (!(bytes instanceof Uint8Array)) throw failure('malformed', 'Give the CBOR as bytes', 0);
  // A Node Buffer's slice() is a view: byte strings would change with the network buffer under them.
  const plain =
    bytes.constructor === Uint8Array
      ? bytes
      : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const reader = new Reader(plain);
  const value = reader.value(0);
  reader.end();
  return value;
}

type Fault = 'malformed' | 'not-canonical' | 'unsupported' | 'too-deep';

function failure(fault: Fault, message: string, at: number, cause?: unknown): AppError {
  return new AppError(`cbor/${fault}`, `${message} (at byte ${at}).`, { at }, cause);
}

class Reader {
  private readonly bytes: Uint8Array;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  end(): void {
    if (this.at !== this.bytes.length) {
      throw failure('malformed', 'Remove the bytes after the item', this.at);
    }
  }

  value(depth: number): CborValue {
    const start = this.at;
    const head = this.bytes[start];
    if (head === FALSE || head === TRUE || head === NULL) {
      this.at += 1;
      return head === NULL ? null : head === TRUE;
    }
    const argument = this.argument();
    const major = (head ?? 0) >> 5;
    if (major <= NEGATIVE) return integer(major, argument, start);
    if (major === BYTES) return this.bytes.slice(this.skip(argument, start), this.at);
    if (major === TEXT) return this.text(argument, start);
    if (depth === CBOR_DEPTH_MAX) {
      throw failure('too-deep', `Nest at most ${CBOR_DEPTH_MAX} levels`, start);
    }
    if (major === ARRAY) return this.array(argument, depth + 1);
    if (major === MAP) return this.map(argument, depth + 1);
    return this.tagged(argument, start, depth + 1);
  }

  /** The argument of the head that comes next, RFC 8949 §3, in its shortest form. Above 2^53 it is not exact. */
  private argument(): number {
    const start = this.at;
    const head = this.bytes[start];
    if (head === undefined) throw failure('malformed', 'Complete the item: it is cut off', start);
    const info = head & 31;
    const major = head >> 5;
    if (info >= RESERVED) {
      throw info === INDEFINITE && major >= BYTES && major <= MAP
        ? failure('not-canonical', 'Use definite lengths', start)
        : failure('malformed', 'This byte begins no item', start);
    }
    if (major > TAG) {
      throw failure('unsupported', 'Use no simple values but false, true and null', start);
    }
    this.at = start + 1;
    if (info < IN_HEAD) return info;
    const size = 1 << (info - IN_HEAD);
    if (start + size >= this.bytes.length) {
      throw failure('malformed', 'Complete the item: it is cut off', start);
    }
    let argument = 0;
    for (let i = 1; i <= size; i++) argument = argument * 256 + (this.bytes[start + i] ?? 0);
    if (argument < (LEAST[info - IN_HEAD] ?? 0)) {
      throw failure('not-canonical', 'Use the shortest form of integers and lengths', start);
    }
    this.at += size;
    return argument;
  }

  /** Goes over the `length` bytes that come next, for the item that began at `start`; gives where they begin. */
  private skip(length: number, start: number): number {
    const from = this.at;
    if (length > this.bytes.length - from) {
      throw failure('malformed', 'Complete the item: it is cut off', start);
    }
    this.at += length;
    return from;
  }

  private text(length: number, start: number): string {
    const from = this.skip(length, start);
    if (length <= SHORT_TEXT_BYTES) {
      let text = '';
      let all = 0;
      for (let i = from; i < this.at; i++) {
        const byte = this.bytes[i] ?? 0;
        all |= byte;
        text += String.fromCharCode(byte);
      }
      if (all < 0x80) return text;
    }
    try {
      return bytesToUtf8(this.bytes.subarray(from, this.at));
    } catch (cause) {
      throw failure('malformed', 'Encode text as well-formed UTF-8', start, cause);
    }
  }

  private array(length: number, depth: number): CborValue[] {
    const items: CborValue[] = [];
    for (let i = 0; i < length; i++) items.push(this.value(depth));
    return items;
  }

  private map(size: number, depth: number): CborValue {
    const first = this.bytes[this.at];
    const textKeys = size === 0 || (first !== undefined && first >> 5 === TEXT);
    const object: Record<string, CborValue> = {};
    const map = new Map<number, CborValue>();
    let keyStart = 0;
    let keyEnd = 0;
    for (let i = 0; i < size; i++) {
      const start = this.at;
      const key = this.key(textKeys);
      if (i > 0 && !ascends(this.bytes, keyStart, keyEnd, start, this.at)) {
        throw failure('not-canonical', 'Sort map keys by their bytes, none twice', start);
      }
      keyStart = start;
      keyEnd = this.at;
      if (typeof key === 'number') map.set(key, this.value(depth));
      else object[key] = this.value(depth);
    }
    return textKeys ? object : map;
  }

  private key(isText: boolean): number | string {
    const start = this.at;
    const head = this.bytes[start];
    const major = (head ?? 0) >> 5;
    const argument = this.argument();
    if (isText && major === TEXT) {
      const key = this.text(argument, start);
      if (key === '__proto__') throw failure('unsupported', 'Rename the key __proto__', start);
      return key;
    }
    if (!isText && major <= NEGATIVE) return integer(major, argument, start);
    throw failure('unsupported', 'Use integers or text as the keys of a map, not both', start);
  }

  private tagged(tag: number, start: number, depth: number): CborValue {
    if (tag !== TAG_DECIMAL && tag !== TAG_SIGN1) {
      throw failure('unsupported', 'Use no tags but 4 and 18', start);
    }
    const content = this.value(depth);
    if (tag === TAG_SIGN1 && Array.isArray(content)) return new Sign1(content);
    if (tag === TAG_DECIMAL && Array.isArray(content) && content.length === 2) {
      const [exponent, mantissa] = content;
      if (typeof exponent === 'number' && typeof mantissa === 'number') {
        return new Decimal(exponent, mantissa);
      }
    }
    throw failure('unsupported', 'Put [exponent, mantissa] in tag 4, an array in tag 18', start);
  }
}

function integer(major: number, argument: number, start: number): number {
  const value = major === UINT ? argument : -1 - argument;
  // 2^53 and above are not exact, and neither is what is read of them, but all of it is unsafe.
  if (Number.isSafeInteger(value)) return value;
  throw failure('unsupported', 'Keep integers within ±(2^53 − 1)', start);
}

/** True if the bytes from `b` are above the bytes from `a`, bytewise. Equal, or one the prefix of the other: false. */
function ascends(bytes: Uint8Array, a: number, aEnd: number, b: number, bEnd: number): boolean {
  for (let i = a, j = b; i < aEnd && j < bEnd; i++, j++) {
    const difference = bytes[j]! - bytes[i]!;
    if (difference !== 0) return difference > 0;
  }
  return false;
}
