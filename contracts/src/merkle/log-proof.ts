// Proofs over leaf hashes held in memory (docs/formats.md §2). Each builds the whole tree once, O(n) hashes; who wants many
// proofs of one tree takes `logNodes` and the functions of `stored-log.ts`.

import type { Hash } from '../crypto/types.ts';
import { nodeHash } from './log-hash.ts';
import {
  consistencyProofFromNodes,
  type GetLogNode,
  inclusionProofFromNodes,
} from './stored-log.ts';

/** All complete subtrees over `leafHashes`, for the functions of `stored-log.ts`. Holds about 2n hashes. */
export function logNodes(hash: Hash, leafHashes: readonly Uint8Array[]): GetLogNode {
  const levels: (readonly Uint8Array[])[] = [leafHashes];
  for (let below = leafHashes; below.length > 1; ) {
    const level: Uint8Array[] = [];
    for (let i = 0; i + 1 < below.length; i += 2) {
      level.push(nodeHash(hash, below[i]!, below[i + 1]!));
    }
    levels.push(level);
    below = level;
  }
  return (level, index) => levels[level]?.[index];
}

/** Inclusion proof (RFC 9162 §2.1.3.1) of leaf `index`, from the leaf upwards. Throws `merkle/bad-index`. */
export function inclusionProof(
  hash: Hash,
  leafHashes: readonly Uint8Array[],
  index: number,
): Uint8Array[] {
  return inclusionProofFromNodes(hash, logNodes(hash, leafHashes), index, leafHashes.length);
}

/**
 * Consistency proof (RFC 9162 §2.1.4.1) between the first `size1` and the first `size2` of the leaves. Throws `merkle/bad-size`
 * unless 1 ≤ size1 ≤ size2, `merkle/missing-node` when there are fewer leaves than size2.
 */
export function consistencyProof(
  hash: Hash,
  leafHashes: readonly Uint8Array[],
  size1: number,
  size2: number,
): Uint8Array[] {
  return consistencyProofFromNodes(hash, logNodes(hash, leafHashes), size1, size2);
}
