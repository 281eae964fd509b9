// A file of state entries, their root and proofs (docs/formats.md §2), in hexadecimal.

import type { Hash } from '../../contracts/src/crypto/types.ts';
import {
  proveState,
  type StateNode,
  type StateProof,
  statePath,
  stateValueHash,
  updateStateTree,
  verifyAbsence,
  verifyPresence,
} from '../../contracts/src/merkle/index.ts';
import { type CaseResult, runCase } from './suite.ts';

interface StateFile {
  /** Key and value; the value in hexadecimal. */
  entries: [string, string][];
  root: string;
  proofs?: { key: string; siblings: string[]; leaf: [string, string] | null }[];
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));

export function stateFile(file: string, hash: Hash, json: object): CaseResult[] {
  const { entries, root, proofs = [] } = json as StateFile;
  const nodes = new Map<string, StateNode>();
  const read = (position: Uint8Array) => nodes.get(hex(position));
  const changes = entries.map(([key, value]) => ({
    path: statePath(hash, key),
    valueHash: stateValueHash(hash, bytes(value)),
  }));
  const results = [
    runCase(file, 'root', () => {
      const update = updateStateTree(hash, read, changes);
      for (const { position, node } of update.writes) {
        if (node === null) nodes.delete(hex(position));
        else nodes.set(hex(position), node);
      }
      if (hex(update.root) !== root) throw new Error(`the root is ${hex(update.root)}`);
      return undefined;
    }),
  ];
  const values = new Map(entries);
  for (const { key, siblings, leaf } of proofs) {
    const value = values.get(key);
    results.push(
      runCase(file, `${value === undefined ? 'absence' : 'presence'} of ${key}`, () => {
        const proof: StateProof = {
          siblings: siblings.map(bytes),
          leaf: leaf && { path: bytes(leaf[0]), valueHash: bytes(leaf[1]) },
        };
        if (value === undefined) verifyAbsence(hash, bytes(root), key, proof);
        else verifyPresence(hash, bytes(root), key, bytes(value), proof);
        const ours = proveState(read, statePath(hash, key));
        if (ours.siblings.map(hex).join() !== siblings.join()) {
          throw new Error('our own proof has other siblings');
        }
        return undefined;
      }),
    );
  }
  return results;
}
