// The compact range of an append-only log: the roots of its perfect subtrees, enough to append and to know the root
// (docs/formats.md §2 and the `frontier` of anchor-log in §5).

import type { Hash } from '../crypto/types.ts';
import { AppError } from '../errors.ts';
import { isHash } from './hash-bytes.ts';
import { nodeHash } from './log-hash.ts';

export interface Frontier {
  /** Leaves appended so far. */
  readonly size: number;
  /** Roots of the perfect subtrees, 32 bytes each, largest first: one for each bit set in `size`. */
  readonly hashes: readonly Uint8Array[];
}

/** The frontier of a log without leaves. */
export function emptyFrontier(): Frontier {
  return { size: 0, hashes: [] };
}

function subtreesOf(size: number): number {
  let count = 0;
  for (let n = size; n > 0; n = Math.floor(n / 2)) count += n % 2;
  return count;
}

/** Throws `merkle/bad-frontier` unless the hashes are as many as `size` asks for; for a frontier read from elsewhere. */
export function assertFrontier(frontier: Frontier): void {
  const { size, hashes } = frontier;
  if (
    !Number.isSafeInteger(size) ||
    size < 0 ||
    hashes.length !== subtreesOf(size) ||
    !hashes.every(isHash)
  ) {
    throw new AppError(
      'merkle/bad-frontier',
      'A frontier holds one hash of 32 bytes for each bit set in its size; read it again from its source.',
    );
  }
}

/** The frontier after one more leaf (`leaf` is its leaf hash, 32 bytes). Throws `merkle/bad-frontier`. */
export function appendLeaf(hash: Hash, frontier: Frontier, leaf: Uint8Array): Frontier {
  assertFrontier(frontier);
  const hashes = [...frontier.hashes];
  let node = leaf;
  for (let n = frontier.size; n % 2 === 1; n = Math.floor(n / 2)) {
    node = nodeHash(hash, hashes.pop()!, node);
  }
  hashes.push(node);
  return { size: frontier.size + 1, hashes };
}

/** Root of the log, 32 bytes; `H("")` when it is empty. Throws `merkle/bad-frontier`. */
export function frontierRoot(hash: Hash, frontier: Frontier): Uint8Array {
  assertFrontier(frontier);
  const last = frontier.hashes.length - 1;
  if (last < 0) return hash(new Uint8Array(0));
  let root = frontier.hashes[last]!;
  for (let i = last - 1; i >= 0; i--) root = nodeHash(hash, frontier.hashes[i]!, root);
  return root;
}
