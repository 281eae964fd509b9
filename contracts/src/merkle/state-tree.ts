// Batch update of the state tree (docs/formats.md §2). Only the latest version is stored: each subtree with keys has one node
// at its position, and a subtree with one key is a leaf however high it stands. The root depends on the content alone.

import type { Hash } from '../crypto/types.ts';
import { AppError } from '../errors.ts';
import { equalHashes } from './hash-bytes.ts';
import {
  EMPTY_SUBTREE,
  pathBit,
  type StateLeaf,
  type StateNode,
  type StateNodeReader,
  siblingPosition,
  stateInnerHash,
  stateLeafHash,
  stateNodeHash,
  statePosition,
} from './state-node.ts';

/** A new value hash (32 bytes) for a path (32 bytes), or `null` to remove the key. */
export interface StateChange {
  readonly path: Uint8Array;
  readonly valueHash: Uint8Array | null;
}

/** What to store at a position; `null` removes what is there. */
export interface StateNodeWrite {
  readonly position: Uint8Array;
  readonly node: StateNode | null;
}

export interface StateUpdate {
  /** 32 bytes. */
  readonly root: Uint8Array;
  /** To be applied together; no position occurs twice. */
  readonly writes: StateNodeWrite[];
}

/**
 * A subtree after the update. An inner node is written where it is made; a leaf is not written yet, because it rises for
 * as long as it is alone.
 */
interface Subtree {
  readonly hash: Uint8Array;
  readonly leaf?: StateLeaf;
  /** The subtree's own position held a node before the update. */
  readonly stored: boolean;
  /** That node still holds. */
  readonly same?: boolean;
}

interface Batch {
  readonly hash: Hash;
  readonly read: StateNodeReader;
  /** In path order, each path once. */
  readonly changes: readonly StateChange[];
  readonly writes: StateNodeWrite[];
}

function comparePaths(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i++) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

function sortChanges(changes: readonly StateChange[]): StateChange[] {
  const sorted = [...changes].sort((a, b) => comparePaths(a.path, b.path));
  for (let i = 1; i < sorted.length; i++) {
    if (comparePaths(sorted[i - 1]!.path, sorted[i]!.path) === 0) {
      throw new AppError(
        'state-tree/duplicate-change',
        'A batch changes each key once: merge the changes of a key before updating the tree.',
      );
    }
  }
  return sorted;
}

function missingNode(depth: number): AppError {
  return new AppError(
    'state-tree/missing-node',
    'A stored node of the state tree is missing: rebuild the state from the block log.',
    { depth },
  );
}

/** First entry of `from`..`to` (in path order, alike in the first `depth` bits) that goes right at `depth`. */
function splitAt(
  entries: readonly { readonly path: Uint8Array }[],
  depth: number,
  from: number,
  to: number,
): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (pathBit(entries[middle]!.path, depth) === 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The leaves of a subtree that held `old` or nothing, after the changes; in path order. */
function mergeLeaves(
  changes: readonly StateChange[],
  from: number,
  to: number,
  old?: StateLeaf,
): StateLeaf[] {
  const leaves: StateLeaf[] = [];
  let waiting = old;
  for (let i = from; i < to; i++) {
    const { path, valueHash } = changes[i]!;
    if (waiting !== undefined) {
      const order = comparePaths(waiting.path, path);
      if (order < 0) leaves.push(waiting);
      if (order <= 0) waiting = undefined;
    }
    if (valueHash !== null) leaves.push({ path, valueHash });
  }
  if (waiting !== undefined) leaves.push(waiting);
  return leaves;
}

/** Writes what a parent's decision means for a child's position: `stays` says whether the subtree stands there. */
function settle(batch: Batch, position: Uint8Array, child: Subtree, stays: boolean): void {
  if (!stays) {
    if (child.stored) batch.writes.push({ position, node: null });
  } else if (child.leaf !== undefined && child.same !== true) {
    batch.writes.push({ position, node: { leaf: child.leaf } });
  }
}

/** The subtree of `leaves` `from`..`to` at `depth`, where nothing is stored below. */
function build(
  batch: Batch,
  leaves: readonly StateLeaf[],
  depth: number,
  from: number,
  to: number,
  stored: boolean,
): Subtree {
  if (from === to) return { hash: EMPTY_SUBTREE, stored };
  const first = leaves[from]!;
  if (to - from === 1) return { hash: stateLeafHash(batch.hash, first), leaf: first, stored };
  const middle = splitAt(leaves, depth, from, to);
  const left = build(batch, leaves, depth + 1, from, middle, false);
  const right = build(batch, leaves, depth + 1, middle, to, false);
  settle(batch, statePosition(first.path, depth + 1), left, middle > from);
  settle(batch, statePosition(leaves[to - 1]!.path, depth + 1), right, middle < to);
  batch.writes.push({
    position: statePosition(first.path, depth),
    node: { left: left.hash, right: right.hash },
  });
  return { hash: stateInnerHash(batch.hash, left.hash, right.hash), stored: true };
}

/** A side without changes. It must be read only when it may have to rise, because its sibling became empty. */
function untouched(batch: Batch, position: Uint8Array, hash: Uint8Array, depth: number): Subtree {
  const node = batch.read(position);
  if (node === undefined) throw missingNode(depth);
  return 'leaf' in node
    ? { hash, leaf: node.leaf, stored: true, same: true }
    : { hash, stored: true, same: true };
}

/**
 * Applies changes `from`..`to` (at least one, all within this subtree) to the subtree at `depth`. `before` is its hash so far,
 * where the parent knows it.
 */
function apply(
  batch: Batch,
  depth: number,
  from: number,
  to: number,
  before: Uint8Array | undefined,
): Subtree {
  const { changes, hash } = batch;
  const path = changes[from]!.path;
  const wasEmpty = before !== undefined && equalHashes(before, EMPTY_SUBTREE);
  const position = statePosition(path, depth);
  const node = wasEmpty ? undefined : batch.read(position);
  if (node === undefined) {
    if (before !== undefined && !wasEmpty) throw missingNode(depth);
    const leaves = mergeLeaves(changes, from, to);
    return build(batch, leaves, depth, 0, leaves.length, false);
  }
  if ('leaf' in node) {
    const leaves = mergeLeaves(changes, from, to, node.leaf);
    const built = build(batch, leaves, depth, 0, leaves.length, true);
    const was = before ?? stateLeafHash(hash, node.leaf);
    return equalHashes(built.hash, was) ? { ...built, same: true } : built;
  }
  const middle = splitAt(changes, depth, from, to);
  const leftPosition =
    middle > from ? statePosition(path, depth + 1) : siblingPosition(path, depth + 1);
  const last = changes[to - 1]!.path;
  const rightPosition =
    middle < to ? statePosition(last, depth + 1) : siblingPosition(last, depth + 1);
  let left: Subtree =
    middle > from
      ? apply(batch, depth + 1, from, middle, node.left)
      : { hash: node.left, stored: !equalHashes(node.left, EMPTY_SUBTREE), same: true };
  let right: Subtree =
    middle < to
      ? apply(batch, depth + 1, middle, to, node.right)
      : { hash: node.right, stored: !equalHashes(node.right, EMPTY_SUBTREE), same: true };
  const leftEmpty = equalHashes(left.hash, EMPTY_SUBTREE);
  const rightEmpty = equalHashes(right.hash, EMPTY_SUBTREE);
  if (leftEmpty && !rightEmpty && middle === to) {
    right = untouched(batch, rightPosition, right.hash, depth + 1);
  }
  if (rightEmpty && !leftEmpty && middle === from) {
    left = untouched(batch, leftPosition, left.hash, depth + 1);
  }
  const alone = leftEmpty ? right : rightEmpty ? left : undefined;
  if (alone !== undefined && (alone.leaf !== undefined || (leftEmpty && rightEmpty))) {
    settle(batch, leftPosition, left, false);
    settle(batch, rightPosition, right, false);
    return alone.leaf === undefined
      ? { hash: EMPTY_SUBTREE, stored: true }
      : { hash: alone.hash, leaf: alone.leaf, stored: true };
  }
  settle(batch, leftPosition, left, !leftEmpty);
  settle(batch, rightPosition, right, !rightEmpty);
  if (equalHashes(left.hash, node.left) && equalHashes(right.hash, node.right)) {
    return { hash: before ?? stateNodeHash(hash, node), stored: true, same: true };
  }
  batch.writes.push({ position, node: { left: left.hash, right: right.hash } });
  return { hash: stateInnerHash(hash, left.hash, right.hash), stored: true };
}

/**
 * The root after `changes`, and the node writes that bring the store there; the store is only read. The result does not depend
 * on the order of `changes`; removing an absent key changes nothing. Hashes each changed node once. Throws
 * `state-tree/duplicate-change` when a path occurs twice and `state-tree/missing-node` when the store is damaged.
 */
export function updateStateTree(
  hash: Hash,
  read: StateNodeReader,
  changes: readonly StateChange[],
): StateUpdate {
  const batch: Batch = { hash, read, changes: sortChanges(changes), writes: [] };
  const position = statePosition(EMPTY_SUBTREE, 0);
  if (changes.length === 0) {
    return { root: stateNodeHash(hash, read(position)), writes: [] };
  }
  const tree = apply(batch, 0, 0, batch.changes.length, undefined);
  settle(batch, position, tree, !equalHashes(tree.hash, EMPTY_SUBTREE));
  return { root: tree.hash, writes: batch.writes };
}
