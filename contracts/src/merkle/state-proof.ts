// Proofs that a key has a value in the state, or that it is absent (docs/formats.md §2 `state-proof`).

import type { Hash } from '../crypto/types.ts';
import { AppError } from '../errors.ts';
import { STATE_DEPTH_MAX } from '../limits.ts';
import { equalHashes, isHash } from './hash-bytes.ts';
import {
  EMPTY_SUBTREE,
  pathBit,
  type StateLeaf,
  type StateNodeReader,
  stateInnerHash,
  stateLeafHash,
  statePath,
  statePosition,
  stateValueHash,
} from './state-node.ts';

export interface StateProof {
  /** Hashes of 32 bytes, from the root downwards, at most 256. */
  readonly siblings: readonly Uint8Array[];
  /** What stands at the end of the way: the leaf, or `null` for an empty subtree. */
  readonly leaf: StateLeaf | null;
}

/**
 * The proof of the key with this path (32 bytes): of its presence when its leaf is there, else of its absence. Throws
 * `state-tree/missing-node`.
 */
export function proveState(read: StateNodeReader, path: Uint8Array): StateProof {
  const siblings: Uint8Array[] = [];
  let node = read(statePosition(path, 0));
  for (let depth = 0; node !== undefined && !('leaf' in node); depth++) {
    const goesLeft = pathBit(path, depth) === 0;
    siblings.push(goesLeft ? node.right : node.left);
    const child = goesLeft ? node.left : node.right;
    node = read(statePosition(path, depth + 1));
    if (node === undefined && !equalHashes(child, EMPTY_SUBTREE)) {
      throw new AppError(
        'state-tree/missing-node',
        'A stored node of the state tree is missing: rebuild the state from the block log.',
        { depth: depth + 1 },
      );
    }
  }
  return { siblings, leaf: node?.leaf ?? null };
}

function assertShape(root: Uint8Array, proof: StateProof): void {
  const { siblings, leaf } = proof;
  if (
    !isHash(root) ||
    !Array.isArray(siblings) ||
    siblings.length > STATE_DEPTH_MAX ||
    !siblings.every(isHash) ||
    (leaf !== null && (!isHash(leaf.path) || !isHash(leaf.valueHash)))
  ) {
    throw new AppError(
      'state-proof/malformed',
      'The state proof is not a list of at most 256 hashes and a leaf: ask for the bundle again.',
    );
  }
}

function assertLeadsTo(hash: Hash, root: Uint8Array, path: Uint8Array, proof: StateProof): void {
  let node = proof.leaf === null ? EMPTY_SUBTREE : stateLeafHash(hash, proof.leaf);
  for (let depth = proof.siblings.length - 1; depth >= 0; depth--) {
    const sibling = proof.siblings[depth]!;
    node =
      pathBit(path, depth) === 0
        ? stateInnerHash(hash, node, sibling)
        : stateInnerHash(hash, sibling, node);
  }
  if (!equalHashes(node, root)) {
    throw new AppError(
      'state-proof/root-mismatch',
      'The state proof does not lead to the state root of the block header.',
    );
  }
}

/**
 * Returns if `key` has exactly the value `bytes` in the state with this root (32 bytes). Throws `state-proof/malformed`,
 * `state-proof/wrong-leaf` or `state-proof/root-mismatch`.
 */
export function verifyPresence(
  hash: Hash,
  root: Uint8Array,
  key: string,
  bytes: Uint8Array,
  proof: StateProof,
): void {
  assertShape(root, proof);
  const path = statePath(hash, key);
  const { leaf } = proof;
  if (
    leaf === null ||
    !equalHashes(leaf.path, path) ||
    !equalHashes(leaf.valueHash, stateValueHash(hash, bytes))
  ) {
    throw new AppError('state-proof/wrong-leaf', 'The state proof is of another key or value.');
  }
  assertLeadsTo(hash, root, path, proof);
}

function sharesPrefix(a: Uint8Array, b: Uint8Array, bits: number): boolean {
  for (let depth = 0; depth < bits; depth++) {
    if (pathBit(a, depth) !== pathBit(b, depth)) return false;
  }
  return true;
}

/**
 * Returns if `key` is absent from the state with this root (32 bytes). Throws `state-proof/malformed`,
 * `state-proof/not-absent` or `state-proof/root-mismatch`.
 */
export function verifyAbsence(hash: Hash, root: Uint8Array, key: string, proof: StateProof): void {
  assertShape(root, proof);
  const path = statePath(hash, key);
  const { leaf, siblings } = proof;
  if (
    leaf !== null &&
    (equalHashes(leaf.path, path) || !sharesPrefix(leaf.path, path, siblings.length))
  ) {
    throw new AppError(
      'state-proof/not-absent',
      'The state proof shows this key itself, or a key from elsewhere: it does not prove absence.',
    );
  }
  assertLeadsTo(hash, root, path, proof);
}
