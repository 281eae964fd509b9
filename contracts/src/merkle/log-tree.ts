// Hashes and proof verification of the log tree (docs/formats.md §2, RFC 9162 §2.1). Building proofs is in `log-proof.ts`
// and `stored-log.ts`; a verifier needs only this file. Sizes and indexes are safe integers: no operator here narrows
// them to 32 bits.

import type { Hash } from '../crypto/types.ts';
import { AppError } from '../errors.ts';
import { appendLeaf, emptyFrontier, frontierRoot } from './frontier.ts';
import { equalHashes, isHash } from './hash-bytes.ts';
import { nodeHash } from './log-hash.ts';

export { leafHash, nodeHash } from './log-hash.ts';

export interface InclusionClaim {
  /** Position of the leaf, from 0. */
  readonly index: number;
  /** Leaves of the tree that `root` belongs to. */
  readonly size: number;
  /** 32 bytes: `leafHash` of the entry. */
  readonly leaf: Uint8Array;
  /** Sibling hashes of 32 bytes, from the leaf upwards. */
  readonly proof: readonly Uint8Array[];
  /** 32 bytes. */
  readonly root: Uint8Array;
}

export interface ConsistencyClaim {
  /** Leaves of the older tree, at least 1: the empty tree is a prefix of any tree and proves nothing. */
  readonly size1: number;
  readonly size2: number;
  readonly root1: Uint8Array;
  readonly root2: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** Root (32 bytes) of the tree over `leafHashes`; `H("")` for none. RFC 9162 §2.1.1. */
export function logRoot(hash: Hash, leafHashes: Iterable<Uint8Array>): Uint8Array {
  let frontier = emptyFrontier();
  for (const leaf of leafHashes) frontier = appendLeaf(hash, frontier, leaf);
  return frontierRoot(hash, frontier);
}

function assertProof(proof: readonly Uint8Array[]): void {
  // A tree of 2^53 leaves has paths of 53 hashes, a consistency proof one more.
  if (!Array.isArray(proof) || proof.length > 54 || !proof.every(isHash)) {
    throw new AppError(
      'merkle/bad-proof',
      'The proof is not a list of at most 54 hashes of 32 bytes.',
    );
  }
}

function assertHash(value: Uint8Array, what: string): void {
  if (!isHash(value)) throw new AppError('merkle/bad-hash', `The ${what} must be 32 bytes.`);
}

function wrongLength(): AppError {
  return new AppError(
    'merkle/bad-proof',
    'The proof has the wrong number of hashes for this index and tree size.',
  );
}

function mismatch(): AppError {
  return new AppError(
    'merkle/root-mismatch',
    'The proof does not lead to the root: the entry, its place or the tree is another.',
  );
}

const isOdd = (n: number): boolean => n % 2 === 1;
const half = (n: number): number => Math.floor(n / 2);

/**
 * Returns if the leaf is at `index` of the tree with that size and root (RFC 9162 §2.1.3.2). Throws `merkle/bad-index`,
 * `merkle/bad-hash`, `merkle/bad-proof` or `merkle/root-mismatch`.
 */
export function verifyInclusion(hash: Hash, claim: InclusionClaim): void {
  const { index, size, leaf, proof, root } = claim;
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) {
    throw new AppError('merkle/bad-index', 'The leaf index must lie within the tree.');
  }
  assertHash(leaf, 'leaf hash');
  assertHash(root, 'root');
  assertProof(proof);
  let fn = index;
  let sn = size - 1;
  let r = leaf;
  for (const p of proof) {
    if (sn === 0) throw wrongLength();
    if (isOdd(fn) || fn === sn) {
      r = nodeHash(hash, p, r);
      while (!isOdd(fn) && fn !== 0) {
        fn = half(fn);
        sn = half(sn);
      }
    } else {
      r = nodeHash(hash, r, p);
    }
    fn = half(fn);
    sn = half(sn);
  }
  if (sn !== 0) throw wrongLength();
  if (!equalHashes(r, root)) throw mismatch();
}

/**
 * Returns if the tree (`size2`, `root2`) is the tree (`size1`, `root1`) with leaves appended (RFC 9162 §2.1.4.2). Throws
 * `merkle/bad-size` (also for size1 = 0), `merkle/bad-hash`, `merkle/bad-proof` or `merkle/root-mismatch`.
 */
export function verifyConsistency(hash: Hash, claim: ConsistencyClaim): void {
  const { size1, size2, root1, root2, proof } = claim;
  if (!Number.isSafeInteger(size1) || !Number.isSafeInteger(size2) || size1 < 1 || size1 > size2) {
    throw new AppError('merkle/bad-size', 'Consistency is proven from a tree of at least 1 leaf.');
  }
  assertHash(root1, 'first root');
  assertHash(root2, 'second root');
  assertProof(proof);
  if (size1 === size2) {
    if (proof.length > 0) throw wrongLength();
    if (!equalHashes(root1, root2)) throw mismatch();
    return;
  }
  let fn = size1 - 1;
  let sn = size2 - 1;
  while (isOdd(fn)) {
    fn = half(fn);
    sn = half(sn);
  }
  // Where size1 is a power of two its root is itself the first node of the path, so the proof leaves it out.
  const path = fn === 0 ? [root1, ...proof] : proof;
  const first = path[0];
  if (first === undefined) throw wrongLength();
  let fr = first;
  let sr = first;
  for (const c of path.slice(1)) {
    if (sn === 0) throw wrongLength();
    if (isOdd(fn) || fn === sn) {
      fr = nodeHash(hash, c, fr);
      sr = nodeHash(hash, c, sr);
      while (!isOdd(fn) && fn !== 0) {
        fn = half(fn);
        sn = half(sn);
      }
    } else {
      sr = nodeHash(hash, sr, c);
    }
    fn = half(fn);
    sn = half(sn);
  }
  if (sn !== 0) throw wrongLength();
  if (!equalHashes(fr, root1) || !equalHashes(sr, root2)) throw mismatch();
}
