// Bytes as text and back, strictly: each function accepts exactly one spelling of a value (hex, RFC 4648 §5 base64url
// without padding, UTF-8), so that a name derived from bytes is unique.

import {
  concatBytes as concat,
  bytesToHex as toHex,
  utf8ToBytes as toUtf8,
} from '@noble/hashes/utils.js';
import { AppError } from '../errors.ts';

/** Lower-case hex, two characters a byte. */
export function bytesToHex(bytes: Uint8Array): string {
  return toHex(bytes);
}

/** The bytes of lower-case or upper-case hex of even length. Throws `bytes/not-hex`. */
export function hexToBytes(hex: string): Uint8Array {
  if (typeof hex !== 'string' || hex.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(hex)) {
    throw new AppError('bytes/not-hex', 'Give an even number of hexadecimal digits.');
  }
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = hexDigit(hex.charCodeAt(2 * i)) * 16 + hexDigit(hex.charCodeAt(2 * i + 1));
  }
  return bytes;
}

function hexDigit(code: number): number {
  return code <= 0x39 ? code - 0x30 : (code | 0x20) - 0x57;
}

/** One new array with the parts in order. */
export function concatBytes(...parts: Uint8Array[]): Uint8Array {
  return concat(...parts);
}

/** UTF-8 of `text`. A lone surrogate becomes U+FFFD: check text from outside first (`isWellFormedText`). */
export function utf8ToBytes(text: string): Uint8Array {
  if (typeof text !== 'string' || text.length > SHORT_TEXT) return toUtf8(text);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x80) return toUtf8(text);
    bytes[i] = code;
  }
  return bytes;
}

/** Up to here a loop over ASCII is quicker than a call of the encoder, and most keys and names are that short. */
const SHORT_TEXT = 96;

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of UTF-8 bytes, a byte order mark kept. Throws `bytes/not-utf8` on anything ill-formed. */
export function bytesToUtf8(bytes: Uint8Array): string {
  try {
    return strictUtf8.decode(bytes);
  } catch (cause) {
    throw new AppError('bytes/not-utf8', 'Encode the text as well-formed UTF-8.', {}, cause);
  }
}

/** True if `text` has no lone surrogate, that is, if UTF-8 can carry it. */
export function isWellFormedText(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** True if both have the same length and bytes. Not constant-time: for public values only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Bytewise lexicographic order, a prefix first: negative, zero or positive. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const BASE64URL_VALUE = new Int8Array(128).fill(-1);
for (let i = 0; i < 64; i++) BASE64URL_VALUE[BASE64URL.charCodeAt(i)] = i;

/** RFC 4648 §5 without padding. */
export function bytesToBase64url(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const word = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text += BASE64URL[word >> 18]! + BASE64URL[(word >> 12) & 63]!;
    if (left > 1) text += BASE64URL[(word >> 6) & 63]!;
    if (left > 2) text += BASE64URL[word & 63]!;
  }
  return text;
}

/** The bytes of unpadded base64url. Throws `bytes/not-base64url`, also when the unused last bits are not zero. */
export function base64urlToBytes(text: string): Uint8Array {
  const fail = () =>
    new AppError('bytes/not-base64url', 'Give base64url without padding (A-Z a-z 0-9 - _).');
  if (typeof text !== 'string' || text.length % 4 === 1) throw fail();
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let bits = 0;
  let word = 0;
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    const value = BASE64URL_VALUE[text.charCodeAt(i)] ?? -1;
    if (value < 0) throw fail();
    word = ((word << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (word >> bits) & 0xff;
    }
  }
  if ((word & ((1 << bits) - 1)) !== 0) throw fail();
  return bytes;
}
