// A file of leaves, roots by size, and perhaps proofs: our trees must give the same roots and proofs, and accept them.

import type { Hash } from '../../contracts/src/crypto/types.ts';
import {
  appendLeaf,
  consistencyProofFromNodes,
  emptyFrontier,
  frontierRoot,
  inclusionProofFromNodes,
  leafHash,
  logNodes,
  logRoot,
  verifyConsistency,
  verifyInclusion,
} from '../../contracts/src/merkle/index.ts';
import { type CaseResult, runCase } from './suite.ts';

interface InclusionEntry {
  size: number;
  index: number;
  leafHash?: string;
  proof: string[];
}
interface ConsistencyEntry {
  size1: number;
  size2: number;
  proof: string[];
}
interface LogFile {
  leaves: string[];
  roots: string[];
  inclusion?: InclusionEntry[];
  consistency?: ConsistencyEntry[];
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function expectSame(actual: string, expected: string, what: string): void {
  if (actual !== expected) throw new Error(`${what} is ${actual}, expected ${expected}`);
}

export function logTreeFile(file: string, hash: Hash, json: object): CaseResult[] {
  const { leaves, roots, inclusion = [], consistency = [] } = json as LogFile;
  // Files are written in hexadecimal or base64 throughout: a root of 32 bytes tells which.
  const encoding = roots.every((root) => /^[0-9a-f]{64}$/.test(root)) ? 'hex' : 'base64';
  const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, encoding));
  const leafHashes = leaves.map((leaf) => leafHash(hash, bytes(leaf)));
  const getNode = logNodes(hash, leafHashes);
  const rootOf = (size: number): Uint8Array => bytes(roots[size] ?? '');
  const expectProof = (actual: Uint8Array[], expected: string[]): void =>
    expectSame(actual.map(hex).join(), expected.map((p) => hex(bytes(p))).join(), 'the proof');

  let frontier = emptyFrontier();
  const results = roots.map((root, size) =>
    runCase(file, `root of ${size}`, () => {
      if (size > 0) frontier = appendLeaf(hash, frontier, leafHashes[size - 1]!);
      expectSame(hex(logRoot(hash, leafHashes.slice(0, size))), hex(bytes(root)), 'the root');
      expectSame(hex(frontierRoot(hash, frontier)), hex(bytes(root)), "the frontier's root");
      return undefined;
    }),
  );
  for (const { size, index, leafHash: leaf, proof } of inclusion) {
    const check = (): undefined => {
      const ours = leafHashes[index]!;
      if (leaf !== undefined) expectSame(hex(ours), hex(bytes(leaf)), 'the leaf hash');
      expectProof(inclusionProofFromNodes(hash, getNode, index, size), proof);
      const claim = { index, size, leaf: ours, proof: proof.map(bytes), root: rootOf(size) };
      verifyInclusion(hash, claim);
    };
    results.push(runCase(file, `inclusion of ${index} in ${size}`, check));
  }
  for (const { size1, size2, proof } of consistency) {
    const check = (): undefined => {
      expectProof(consistencyProofFromNodes(hash, getNode, size1, size2), proof);
      const [root1, root2] = [rootOf(size1), rootOf(size2)];
      verifyConsistency(hash, { size1, size2, root1, root2, proof: proof.map(bytes) });
    };
    results.push(runCase(file, `consistency of ${size1} with ${size2}`, check));
  }
  return results;
}
