// Single proofs with a verdict: `wantErr` says that the verifier must refuse.

import type { Hash } from '../../contracts/src/crypto/types.ts';
import { isAppError } from '../../contracts/src/errors.ts';
import { verifyConsistency, verifyInclusion } from '../../contracts/src/merkle/index.ts';
import { type CaseResult, runCase } from './suite.ts';

const bytes = (text: unknown): Uint8Array =>
  new Uint8Array(Buffer.from(typeof text === 'string' ? text : '', 'base64'));
const hashes = (list: unknown): Uint8Array[] => (Array.isArray(list) ? list.map(bytes) : []);

/** Runs `verify`; with `wantErr` it must throw one of our coded errors, and nothing else. */
function expectVerdict(wantErr: unknown, verify: () => void): undefined {
  try {
    verify();
  } catch (error) {
    if (wantErr === true && isAppError(error, 'merkle')) return;
    throw error;
  }
  if (wantErr === true) throw new Error('accepted a proof that must be refused');
}

export function inclusionCase(file: string, hash: Hash, json: Record<string, unknown>): CaseResult {
  return runCase(file, String(json.desc ?? 'inclusion'), () =>
    expectVerdict(json.wantErr, () =>
      verifyInclusion(hash, {
        index: Number(json.leafIdx),
        size: Number(json.treeSize),
        leaf: bytes(json.leafHash),
        proof: hashes(json.proof),
        root: bytes(json.root),
      }),
    ),
  );
}

export function consistencyCase(
  file: string,
  hash: Hash,
  json: Record<string, unknown>,
): CaseResult {
  return runCase(file, String(json.desc ?? 'consistency'), () =>
    expectVerdict(json.wantErr, () =>
      verifyConsistency(hash, {
        size1: Number(json.size1),
        size2: Number(json.size2),
        root1: bytes(json.root1),
        root2: bytes(json.root2),
        proof: hashes(json.proof),
      }),
    ),
  );
}
