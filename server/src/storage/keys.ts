// Keys of the state database's tables. Names never hold a zero byte, so it separates them; numbers are big-endian, so that
// keys sort as the numbers do.

import { concatBytes, utf8ToBytes } from '@suyuan/contracts';

export function uintKey(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.floor(value / 2 ** 32));
  view.setUint32(4, value >>> 0);
  return bytes;
}

/** The names, each ended by a zero byte. */
export function namesKey(...names: readonly string[]): Uint8Array {
  return utf8ToBytes(names.map((name) => `${name}\0`).join(''));
}

/** A node of a stored log tree: the log's key, level, index. */
export function logNodeKey(log: Uint8Array, level: number, index: number): Uint8Array {
  return concatBytes(log, Uint8Array.of(level), uintKey(index));
}

/** The least key above all that begin with `prefix`, for prefixes of text. */
export function afterPrefix(prefix: Uint8Array): Uint8Array {
  return concatBytes(prefix, Uint8Array.of(0xff));
}
