// Every anchor of every gateway, and the nodes of their log trees, so that inclusion can be proven at any past size.

import {
  asBytes,
  asText,
  asUint,
  bytesToHex,
  type Hash,
  inclusionProofFromNodes,
  leafHash,
  nodesOfAppend,
  type Receipt,
} from '@suyuan/contracts';
import type { Snapshot, TableWrite } from './database.ts';
import { logNodeKey, namesKey } from './keys.ts';

/** The writes that index the anchors which these receipts report. */
export function anchorWrites(hash: Hash, at: Snapshot, receipts: readonly Receipt[]): TableWrite[] {
  const writes: TableWrite[] = [];
  const fresh = new Map<string, Uint8Array>();
  for (const { type, data } of receipts.flatMap(({ events }) => events)) {
    if (type !== 'anchors.committed') continue;
    const log = namesKey(asText(data.gateway, 'gateway', 63));
    const index = asUint(data.index, 'index');
    const leaf = asBytes(data.leaf, 'leaf');
    writes.push({ table: 'anchor-leaves', key: leafKey(log, index), value: leaf });
    const getNode = (level: number, at_index: number) => {
      const key = logNodeKey(log, level, at_index);
      return fresh.get(bytesToHex(key)) ?? at.get('anchor-nodes', key);
    };
    for (const node of nodesOfAppend(hash, getNode, index, leafHash(hash, leaf))) {
      const key = logNodeKey(log, node.level, node.index);
      fresh.set(bytesToHex(key), node.hash);
      writes.push({ table: 'anchor-nodes', key, value: node.hash });
    }
  }
  return writes;
}

export function readAnchor(at: Snapshot, gateway: string, batch: number): Uint8Array | undefined {
  return at.get('anchor-leaves', leafKey(namesKey(gateway), batch));
}

/** Throws `merkle/bad-index` or `merkle/missing-node`. */
export function proveAnchor(
  hash: Hash,
  at: Snapshot,
  gateway: string,
  batch: number,
  size: number,
): Uint8Array[] {
  const log = namesKey(gateway);
  const getNode = (level: number, index: number) =>
    at.get('anchor-nodes', logNodeKey(log, level, index));
  return inclusionProofFromNodes(hash, getNode, batch, size);
}

function leafKey(log: Uint8Array, index: number): Uint8Array {
  return logNodeKey(log, 0, index);
}
