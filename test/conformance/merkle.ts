// Suite `merkle`: log tree (RFC 9162) and state tree, against the vectors below `ledger/`. The shape of a file says what it holds.

import { createHash, getHashes } from 'node:crypto';
import type { Hash } from '../../contracts/src/crypto/types.ts';
import { logTreeFile } from './merkle-log.ts';
import { consistencyCase, inclusionCase } from './merkle-proofs.ts';
import { stateFile } from './merkle-state.ts';
import { type CaseResult, runFiles, type Suite } from './suite.ts';
import { hasMembers, readVectorFiles, type VectorFile } from './vector-files.ts';

function hashOf(json: object): Hash | undefined {
  const name = hasMembers(json, 'hash') ? String(json.hash) : 'sha256';
  if (!getHashes().includes(name)) return undefined;
  return (data) => new Uint8Array(createHash(name).update(data).digest());
}

function runFile({ file, json }: VectorFile): CaseResult[] {
  const hash = typeof json === 'object' && json !== null ? hashOf(json) : undefined;
  if (hash !== undefined) {
    if (hasMembers(json, 'leafIdx', 'treeSize')) return [inclusionCase(file, hash, json)];
    if (hasMembers(json, 'size1', 'size2', 'root1')) return [consistencyCase(file, hash, json)];
    if (hasMembers(json, 'leaves', 'roots')) return logTreeFile(file, hash, json);
    if (hasMembers(json, 'entries', 'root')) return stateFile(file, hash, json);
  }
  return [{ file, name: 'file', outcome: 'skipped', reason: 'its shape or hash is not known' }];
}

export const merkle: Suite = {
  name: 'merkle',
  about: 'log tree (RFC 9162) and state tree: roots, proofs, and proofs that must be refused',
  run: (dir) => runFiles(readVectorFiles(dir, 'ledger'), runFile),
};
