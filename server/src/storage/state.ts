// The ledger's state as the rules read it, and its tree, in the state database.

import {
  type CborValue,
  decodeCbor,
  decodeStateNode,
  type Hash,
  type LedgerState,
  STATE_NODE_BYTES,
  type StateNodeReader,
  statePath,
  stateValueHash,
  updateStateTree,
  utf8ToBytes,
  writeStateNode,
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
  const nodes = new Uint8Array(STATE_NODE_BYTES * tree.writes.length);
  tree.writes.forEach(({ position, node }, i) => {
    const at = i * STATE_NODE_BYTES;
    if (node !== null) writeStateNode(node, nodes, at);
    const value = node === null ? null : nodes.subarray(at, at + STATE_NODE_BYTES);
    writes.push({ table: 'tree', key: position, value });
  });
  return { root: tree.root, writes };
}
