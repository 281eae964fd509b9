import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Hash } from '../crypto/types.ts';
import { isAppError } from '../errors.ts';
import { appendLeaf, emptyFrontier, frontierRoot } from './frontier.ts';
import { leafHash, nodeHash } from './log-hash.ts';
import { consistencyProof, inclusionProof, logNodes } from './log-proof.ts';
import { logRoot, verifyConsistency, verifyInclusion } from './log-tree.ts';
import {
  consistencyProofFromNodes,
  inclusionProofFromNodes,
  nodesOfAppend,
  rootFromNodes,
} from './stored-log.ts';

const sha256: Hash = (data) => new Uint8Array(createHash('sha256').update(data).digest());

// The RFC's recursive definitions, word for word, against which the code is checked.
function split(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}
function mth(leaves: Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256(new Uint8Array(0));
  if (leaves.length === 1) return leaves[0]!;
  const k = split(leaves.length);
  return nodeHash(sha256, mth(leaves.slice(0, k)), mth(leaves.slice(k)));
}
function path(m: number, leaves: Uint8Array[]): Uint8Array[] {
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  return m < k
    ? [...path(m, leaves.slice(0, k)), mth(leaves.slice(k))]
    : [...path(m - k, leaves.slice(k)), mth(leaves.slice(0, k))];
}
function subproof(m: number, leaves: Uint8Array[], whole: boolean): Uint8Array[] {
  if (m === leaves.length) return whole ? [] : [mth(leaves)];
  const k = split(leaves.length);
  return m <= k
    ? [...subproof(m, leaves.slice(0, k), whole), mth(leaves.slice(k))]
    : [...subproof(m - k, leaves.slice(k), false), mth(leaves.slice(0, k))];
}

const LEAVES = Array.from({ length: 40 }, (_, i) => leafHash(sha256, Uint8Array.of(i)));
const firstLeaves = (size: number) => LEAVES.slice(0, size);
const flip = (bytes: Uint8Array, bit: number): Uint8Array => {
  const copy = bytes.slice();
  const at = (bit >> 3) % copy.length;
  copy[at] = copy[at]! ^ (1 << (bit & 7));
  return copy;
};
const refuses = (check: () => void): void => {
  let error: unknown;
  try {
    check();
  } catch (caught) {
    error = caught;
  }
  expect(isAppError(error, 'merkle'), String(error)).toBe(true);
};

describe('log tree', () => {
  it('gives the roots and proofs of the recursive definition, for every size, from leaves and from nodes', () => {
    const getNode = logNodes(sha256, LEAVES);
    let frontier = emptyFrontier();
    for (let size = 0; size <= LEAVES.length; size++) {
      const leaves = firstLeaves(size);
      const root = mth(leaves);
      expect(logRoot(sha256, leaves)).toEqual(root);
      expect(frontierRoot(sha256, frontier)).toEqual(root);
      expect(rootFromNodes(sha256, getNode, size)).toEqual(root);
      for (let index = 0; index < size; index++) {
        const proof = inclusionProofFromNodes(sha256, getNode, index, size);
        expect(proof).toEqual(path(index, leaves));
        verifyInclusion(sha256, { index, size, leaf: leaves[index]!, proof, root });
      }
      for (let size1 = 1; size1 <= size; size1++) {
        const proof = consistencyProofFromNodes(sha256, getNode, size1, size);
        expect(proof).toEqual(subproof(size1, leaves, true));
        const root1 = mth(firstLeaves(size1));
        verifyConsistency(sha256, { size1, size2: size, root1, root2: root, proof });
      }
      if (size < LEAVES.length) frontier = appendLeaf(sha256, frontier, LEAVES[size]!);
    }
    expect(inclusionProof(sha256, firstLeaves(7), 3)).toEqual(path(3, firstLeaves(7)));
    expect(consistencyProof(sha256, LEAVES, 6, 13)).toEqual(subproof(6, firstLeaves(13), true));
  });

  it('stores on each append exactly the nodes that become complete', () => {
    const stored = new Map<string, Uint8Array>();
    const getNode = (level: number, index: number) => stored.get(`${level}/${index}`);
    LEAVES.forEach((leaf, size) => {
      for (const node of nodesOfAppend(sha256, getNode, size, leaf)) {
        const name = `${node.level}/${node.index}`;
        expect(stored.has(name)).toBe(false);
        stored.set(name, node.hash);
      }
    });
    const complete = logNodes(sha256, LEAVES);
    for (const [name, node] of stored) {
      const [level, index] = name.split('/').map(Number);
      expect(node).toEqual(complete(level!, index!));
    }
    expect(rootFromNodes(sha256, getNode, 40)).toEqual(mth(LEAVES));
    refuses(() => rootFromNodes(sha256, getNode, 41));
  });

  it('refuses every mutation of an inclusion proof', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.nat(),
        fc.nat(),
        fc.nat(),
        fc.constantFrom('leaf', 'root', 'index', 'size', 'hash', 'drop', 'insert', 'swap'),
        (size, indexSeed, at, bit, kind) => {
          const index = indexSeed % size;
          const leaves = firstLeaves(size);
          const good = {
            index,
            size,
            leaf: leaves[index]!,
            proof: inclusionProof(sha256, leaves, index),
            root: mth(leaves),
          };
          verifyInclusion(sha256, good);
          const n = good.proof.length;
          const bad = { ...good, proof: [...good.proof] };
          if (kind === 'leaf') bad.leaf = flip(good.leaf, bit % 256);
          if (kind === 'root') bad.root = flip(good.root, bit % 256);
          if (kind === 'index') bad.index = index + 1 + (at % 80);
          if (kind === 'hash') {
            fc.pre(n > 0);
            bad.proof[at % n] = flip(bad.proof[at % n]!, bit % 256);
          }
          if (kind === 'drop') {
            fc.pre(n > 0);
            bad.proof.splice(at % n, 1);
          }
          if (kind === 'insert') bad.proof.splice(at % (n + 1), 0, LEAVES[bit % 40]!);
          if (kind === 'swap') {
            fc.pre(n > 1);
            bad.proof.reverse();
          }
          if (kind === 'size') {
            // A path does not bind the size itself (the root does); it must never outlive a change of its own length.
            bad.size = size * 2 + 1;
            fc.pre(path(index, [...leaves, ...leaves, LEAVES[0]!]).length !== n);
          }
          refuses(() => verifyInclusion(sha256, bad));
        },
      ),
    );
  });

  it('refuses every mutation of a consistency proof', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 40 }),
        fc.nat(),
        fc.nat(),
        fc.nat(),
        fc.constantFrom('root1', 'root2', 'swap', 'zero', 'hash', 'drop', 'insert'),
        (size2, seed, at, bit, kind) => {
          const size1 = 1 + (seed % (size2 - 1));
          const good = {
            size1,
            size2,
            root1: mth(firstLeaves(size1)),
            root2: mth(firstLeaves(size2)),
            proof: consistencyProof(sha256, LEAVES, size1, size2),
          };
          verifyConsistency(sha256, good);
          const n = good.proof.length;
          const bad = { ...good, proof: [...good.proof] };
          if (kind === 'root1') bad.root1 = flip(good.root1, bit % 256);
          if (kind === 'root2') bad.root2 = flip(good.root2, bit % 256);
          if (kind === 'swap') [bad.root1, bad.root2] = [good.root2, good.root1];
          if (kind === 'zero') bad.size1 = 0;
          if (kind === 'hash') bad.proof[at % n] = flip(bad.proof[at % n]!, bit % 256);
          if (kind === 'drop') bad.proof.splice(at % n, 1);
          if (kind === 'insert') bad.proof.splice(at % (n + 1), 0, LEAVES[bit % 40]!);
          refuses(() => verifyConsistency(sha256, bad));
        },
      ),
    );
  });

  it('refuses a right path under smaller sizes', () => {
    const [a, b] = [LEAVES[0]!, LEAVES[1]!];
    const root = mth(firstLeaves(2));
    refuses(() => verifyInclusion(sha256, { index: 0, size: 1, leaf: b, proof: [a], root }));
    const roots = { root1: mth(firstLeaves(7)), root2: mth(firstLeaves(8)) };
    const proof = consistencyProof(sha256, LEAVES, 7, 8);
    verifyConsistency(sha256, { size1: 7, size2: 8, ...roots, proof });
    refuses(() => verifyConsistency(sha256, { size1: 3, size2: 4, ...roots, proof }));
  });

  it('holds above 2^32 leaves', () => {
    // A log whose leaves are all alike: every complete subtree of a level has the same hash.
    const levels = [leafHash(sha256, new Uint8Array(0))];
    for (let i = 1; i < 53; i++) levels.push(nodeHash(sha256, levels[i - 1]!, levels[i - 1]!));
    const getNode = (level: number) => levels[level];
    const size = 2 ** 40 + 2 ** 33 + 12_345;
    const root = rootFromNodes(sha256, getNode, size);
    for (const index of [0, 2 ** 32 + 7, 2 ** 40 + 2 ** 33 + 1, size - 1]) {
      const proof = inclusionProofFromNodes(sha256, getNode, index, size);
      verifyInclusion(sha256, { index, size, leaf: levels[0]!, proof, root });
    }
    const size1 = 2 ** 32 + 3;
    const root1 = rootFromNodes(sha256, getNode, size1);
    const proof = consistencyProofFromNodes(sha256, getNode, size1, size);
    verifyConsistency(sha256, { size1, size2: size, root1, root2: root, proof });
    refuses(() =>
      verifyConsistency(sha256, { size1: size1 + 1, size2: size, root1, root2: root, proof }),
    );
  });

  it('answers malformed claims and frontiers with a coded error', () => {
    const root = mth(firstLeaves(2));
    const claim = { index: 0, size: 2, leaf: LEAVES[0]!, proof: [LEAVES[1]!], root };
    refuses(() => verifyInclusion(sha256, { ...claim, index: -1 }));
    refuses(() => verifyInclusion(sha256, { ...claim, index: 0.5 }));
    refuses(() => verifyInclusion(sha256, { ...claim, size: Number.NaN }));
    refuses(() => verifyInclusion(sha256, { ...claim, leaf: new Uint8Array(31) }));
    refuses(() => verifyInclusion(sha256, { ...claim, root: new Uint8Array(0) }));
    refuses(() => verifyInclusion(sha256, { ...claim, proof: [new Uint8Array(33)] }));
    refuses(() => verifyInclusion(sha256, { ...claim, proof: Array(60).fill(root) }));
    refuses(() => inclusionProof(sha256, LEAVES, 40));
    refuses(() => consistencyProof(sha256, LEAVES, 0, 5));
    refuses(() => consistencyProof(sha256, LEAVES, 5, 41));
    refuses(() => frontierRoot(sha256, { size: 3, hashes: [root] }));
    refuses(() => appendLeaf(sha256, { size: -1, hashes: [] }, root));
  });
});
