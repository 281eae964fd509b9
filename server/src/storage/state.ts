// The ledger's state as the rules read it, and its tree, in the state database.

import {
  type CborValue,
  decodeCbor,
  decodeStateNode,
  encodeStateNode,
  type Hash,
  type LedgerState,
  type StateNodeReader,
  statePath,
  stateValueHash,
  updateStateTree,
  utf8ToBytes,
} from '@suyuan/contracts';
import type { Snapshot, TableWrite } from './database.ts';
import { readInScope } from './recall-scopes.ts';

/** Encoded values by key; null removes. */
export type StateChanges = ReadonlyMap<string, Uint8Array | null>;

export function stateReader(at: Snapshot): LedgerState {
  return {
    get(key): CborValue | undefined {
      // A Buffer of the pool: a recall reads half a million keys.
      return at.peek('state', Buffer.from(key), decodeCbor);
    },
    inScope: (recall, lotKey) => readInScope(at, recall, lotKey),
  };
}

export function nodeReader(at: Snapshot): StateNodeReader {
  return (position) => at.peek('tree', position, decodeStateNode);
}

/** The root after `changes`, and the writes that bring values and tree there. */
export function stateUpdate(
  hash: Hash,
  at: Snapshot,
  changes: StateChanges,
): { root: Uint8Array; writes: TableWrite[] } {
  const tree = updateStateTree(
    hash,
    nodeReader(at),
    [...changes].map(([key, value]) => ({
      path: statePath(hash, key),
      valueHash: value === null ? null : stateValueHash(hash, value),
    })),
  );
  const writes: TableWrite[] = [...changes].map(([key, value]) => ({
    table: 'state',
    key: utf8ToBytes(key),
    value,
  }));
  for (const { position, node } of tree.writes) {
    writes.push({
      table: 'tree',
      key: position,
      value: node === null ? null : encodeStateNode(node),
    });
  }
  return { root: tree.root, writes };
}
