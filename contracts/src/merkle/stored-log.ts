// Roots and proofs of a large log from its stored complete subtrees (docs/formats.md §2, RFC 9162 §2.1.3.1, §2.1.4.1).
// Node (level, index) is the root of the 2^level leaves that start at leaf index × 2^level. A complete subtree never
// changes again, so the nodes of the present log answer for every past size.

import type { Hash } from '../crypto/types.ts';
import { AppError } from '../errors.ts';
import { nodeHash } from './log-hash.ts';

export interface LogNode {
  readonly level: number;
  readonly index: number;
  /** 32 bytes. */
  readonly hash: Uint8Array;
}

/** Reads the hash of a complete subtree, synchronously; `undefined` when it is not stored. */
export type GetLogNode = (level: number, index: number) => Uint8Array | undefined;

function nodeAt(getNode: GetLogNode, level: number, index: number): Uint8Array {
  const node = getNode(level, index);
  if (node !== undefined) return node;
  throw new AppError(
    'merkle/missing-node',
    'A stored tree node is missing: rebuild the tree from its log.',
    { level, index },
  );
}

function assertSize(size: number): void {
  if (!Number.isSafeInteger(size) || size < 0) {
    throw new AppError('merkle/bad-size', 'A tree size is a whole number from 0 to 2^53 − 1.');
  }
}

/** The largest power of two below `size`, which is at least 2. */
function splitOf(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

/** Root of the `size` leaves that start at `begin`, as RFC 9162 splits them; `begin` is aligned to the split. */
function rangeRoot(hash: Hash, getNode: GetLogNode, begin: number, size: number): Uint8Array {
  const level = Math.log2(size);
  if (Number.isInteger(level) && 2 ** level === size) return nodeAt(getNode, level, begin / size);
  const split = splitOf(size);
  return nodeHash(
    hash,
    rangeRoot(hash, getNode, begin, split),
    rangeRoot(hash, getNode, begin + split, size - split),
  );
}

/**
 * The nodes that become complete when leaf number `size` is appended, from the leaf upwards, to be stored before the next
 * append. `getNode` must know the nodes of all earlier appends. Throws `merkle/missing-node`.
 */
export function nodesOfAppend(
  hash: Hash,
  getNode: GetLogNode,
  size: number,
  leaf: Uint8Array,
): LogNode[] {
  assertSize(size);
  const nodes: LogNode[] = [{ level: 0, index: size, hash: leaf }];
  let node = leaf;
  let index = size;
  for (let level = 1; index % 2 === 1; level++) {
    node = nodeHash(hash, nodeAt(getNode, level - 1, index - 1), node);
    index = Math.floor(index / 2);
    nodes.push({ level, index, hash: node });
  }
  return nodes;
}

/** Root (32 bytes) of the first `size` leaves. Throws `merkle/missing-node`. */
export function rootFromNodes(hash: Hash, getNode: GetLogNode, size: number): Uint8Array {
  assertSize(size);
  return size === 0 ? hash(new Uint8Array(0)) : rangeRoot(hash, getNode, 0, size);
}

/** Inclusion proof of leaf `index` in the first `size` leaves. Throws `merkle/bad-index` or `merkle/missing-node`. */
export function inclusionProofFromNodes(
  hash: Hash,
  getNode: GetLogNode,
  index: number,
  size: number,
): Uint8Array[] {
  assertSize(size);
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
    throw new AppError('merkle/bad-index', 'The leaf index must lie within the tree.');
  }
  const proof: Uint8Array[] = [];
  let begin = 0;
  let width = size;
  while (width > 1) {
    const split = splitOf(width);
    const goesLeft = index < begin + split;
    proof.push(
      goesLeft
        ? rangeRoot(hash, getNode, begin + split, width - split)
        : rangeRoot(hash, getNode, begin, split),
    );
    if (!goesLeft) begin += split;
    width = goesLeft ? split : width - split;
  }
  return proof.reverse();
}

/**
 * Consistency proof between the first `size1` and the first `size2` leaves, 1 ≤ size1 ≤ size2. Throws `merkle/bad-size` or
 * `merkle/missing-node`.
 */
export function consistencyProofFromNodes(
  hash: Hash,
  getNode: GetLogNode,
  size1: number,
  size2: number,
): Uint8Array[] {
  assertSize(size1);
  assertSize(size2);
  if (size1 < 1 || size1 > size2) {
    throw new AppError('merkle/bad-size', 'Consistency is proven from a tree of at least 1 leaf.');
  }
  const proof: Uint8Array[] = [];
  let begin = 0;
  let width = size2;
  let old = size1;
  while (old !== width) {
    const split = splitOf(width);
    const goesLeft = old <= split;
    proof.push(
      goesLeft
        ? rangeRoot(hash, getNode, begin + split, width - split)
        : rangeRoot(hash, getNode, begin, split),
    );
    if (!goesLeft) {
      begin += split;
      old -= split;
    }
    width = goesLeft ? split : width - split;
  }
  // The old tree's own root is what the verifier already holds.
  if (begin > 0) proof.push(rangeRoot(hash, getNode, begin, width));
  return proof.reverse();
}
