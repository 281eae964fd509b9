// Domain separation (docs/formats.md §1): T(tag, data) = H(tag ‖ 0x00 ‖ data). No tree hash begins with the byte of a tag.

import { concatBytes, utf8ToBytes } from '../encoding/bytes.ts';
import type { Hash } from './types.ts';

/** Tags are constants of the formats; a caller that made them up must not grow the table for ever. */
const PREFIXES_MAX = 64;
const prefixes = new Map<string, Uint8Array>();

/** 32 bytes: the hash of `parts`, in order and without separators, under `tag` (printable ASCII, `suyuan/…`). */
export function tagged(hash: Hash, tag: string, ...parts: Uint8Array[]): Uint8Array {
  return hash(concatBytes(prefixOf(tag), ...parts));
}

function prefixOf(tag: string): Uint8Array {
  const known = prefixes.get(tag);
  if (known !== undefined) return known;
  if (!/^suyuan\/[!-~]+$/.test(tag)) throw new Error(`tagged: ${tag} is no tag of the formats`);
  const prefix = concatBytes(utf8ToBytes(tag), Uint8Array.of(0));
  if (prefixes.size < PREFIXES_MAX) prefixes.set(tag, prefix);
  return prefix;
}
