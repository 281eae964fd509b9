// Reading CBOR in the one form that Suyuan hashes and signs: RFC 8949 §4.2.1 deterministic encoding, narrowed by
// docs/formats.md §1. cborg cuts the bytes into items and refuses long integers; what it leaves open (key order, text that
// is not UTF-8, depth, tags) is checked here, in the same pass.

import { type Token, Tokenizer, Type } from 'cborg';
import { AppError } from '../errors.ts';
import { CBOR_DEPTH_MAX } from '../limits.ts';
import { bytesToUtf8 } from './bytes.ts';
import { type CborValue, Decimal, Sign1, TAG_DECIMAL, TAG_SIGN1 } from './types.ts';

const STRICT = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowBigInt: false,
} as const;

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
  private readonly tokens: Tokenizer;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.tokens = new Tokenizer(bytes, STRICT);
  }

  end(): void {
    if (!this.tokens.done()) {
      throw failure('malformed', 'Remove the bytes after the item', this.tokens.pos());
    }
  }

  value(depth: number): CborValue {
    const start = this.tokens.pos();
    const token = this.next();
    const type = token.type;
    if (type === Type.uint || type === Type.negint || type === Type.bytes) return token.value;
    if (type === Type.string) return this.text(token, start);
    if (type === Type.true || type === Type.false || type === Type.null) return token.value;
    if (type === Type.float) throw failure('unsupported', 'Write floats as tag 4 decimals', start);
    if (depth === CBOR_DEPTH_MAX) {
      throw failure('too-deep', `Nest at most ${CBOR_DEPTH_MAX} levels`, start);
    }
    if (type === Type.map) return this.map(token.value, depth + 1);
    if (type === Type.array) return this.array(token.value, depth + 1);
    return this.tagged(token.value, start, depth + 1);
  }

  private next(): Token {
    const start = this.tokens.pos();
    try {
      return this.tokens.next();
    } catch (cause) {
      throw explain(this.bytes, start, cause);
    }
  }

  private text(token: Token, start: number): string {
    const text: string = token.value;
    // cborg decodes leniently: ill-formed bytes become U+FFFD and a leading byte order mark vanishes.
    const from = start + headLength(this.bytes[start]!);
    if (!text.includes('\ufffd') && this.bytes[from] !== 0xef) return text;
    try {
      return bytesToUtf8(this.bytes.subarray(from, this.tokens.pos()));
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
    const first = this.bytes[this.tokens.pos()];
    const textKeys = size === 0 || (first !== undefined && first >> 5 === 3);
    const object: Record<string, CborValue> = {};
    const map = new Map<number, CborValue>();
    let keyStart = 0;
    let keyEnd = 0;
    for (let i = 0; i < size; i++) {
      const start = this.tokens.pos();
      const token = this.next();
      const end = this.tokens.pos();
      if (i > 0 && !ascends(this.bytes, keyStart, keyEnd, start, end)) {
        throw failure('not-canonical', 'Sort map keys by their bytes, none twice', start);
      }
      keyStart = start;
      keyEnd = end;
      if (textKeys && token.type === Type.string) {
        const key = this.text(token, start);
        if (key === '__proto__') throw failure('unsupported', 'Rename the key __proto__', start);
        object[key] = this.value(depth);
      } else if (!textKeys && (token.type === Type.uint || token.type === Type.negint)) {
        map.set(token.value, this.value(depth));
      } else {
        throw failure('unsupported', 'Use integers or text as the keys of a map, not both', start);
      }
    }
    return textKeys ? object : map;
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

function headLength(head: number): number {
  const info = head & 31;
  return info < 24 ? 1 : 1 + (1 << (info - 24));
}

/** True if the bytes from `b` are above the bytes from `a`, bytewise. Equal, or one the prefix of the other: false. */
function ascends(bytes: Uint8Array, a: number, aEnd: number, b: number, bEnd: number): boolean {
  for (let i = a, j = b; i < aEnd && j < bEnd; i++, j++) {
    const difference = bytes[j]! - bytes[i]!;
    if (difference !== 0) return difference > 0;
  }
  return false;
}

/** Why cborg refused the item at `at`, told from its first bytes rather than from the words of cborg's message. */
function explain(bytes: Uint8Array, at: number, cause: unknown): AppError {
  const head = bytes[at];
  if (head === undefined)
    return failure('malformed', 'Complete the item: it is cut off', at, cause);
  const major = head >> 5;
  const info = head & 31;
  if (info >= 28) {
    return info === 31 && major >= 2 && major <= 5
      ? failure('not-canonical', 'Use definite lengths', at, cause)
      : failure('malformed', 'This byte begins no item', at, cause);
  }
  if (major === 7) {
    return failure('unsupported', 'Use no simple values but false, true and null', at, cause);
  }
  const size = info < 24 ? 0 : 1 << (info - 24);
  if (at + size >= bytes.length) {
    return failure('malformed', 'Complete the item: it is cut off', at, cause);
  }
  // A length byte, or the upper half of a longer one, that says nothing could have been left out.
  const upper = bytes.subarray(at + 1, at + 1 + Math.max(1, size / 2));
  if (size === 1 ? upper[0]! < 24 : size > 1 && upper.every((byte) => byte === 0)) {
    return failure('not-canonical', 'Use the shortest form of integers and lengths', at, cause);
  }
  if (major <= 1) return failure('unsupported', 'Keep integers within ±(2^53 − 1)', at, cause);
  return failure('malformed', 'Complete the item: it is cut off', at, cause);
}
