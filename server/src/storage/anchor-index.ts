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
  rootFromNodes,
} from '@suyuan/contracts';
import type { Snapshot, TableWrite } from './database.ts';
import { logNodeKey, namesKey } from './keys.ts';

export interface IndexedAnchor {
  readonly gateway: string;
  /** Place in the gateway's log; the anchors of a log come in order. */
  readonly index: number;
  /** The encoded anchor. */
  readonly leaf: Uint8Array;
}

/** The writes that index the anchors which these receipts report. */
export function anchorWrites(hash: Hash, at: Snapshot, receipts: readonly Receipt[]): TableWrite[] {
  const anchors = receipts
    .flatMap(({ events }) => events)
    .filter(({ type }) => type === 'anchors.committed')
    .map(({ data }) => ({
      gateway: asText(data.gateway, 'gateway', 63),
      index: asUint(data.index, 'index'),
      leaf: asBytes(data.leaf, 'leaf'),
    }));
  return appendAnchors(hash, at, anchors);
}

export function appendAnchors(
  hash: Hash,
  at: Snapshot,
  anchors: readonly IndexedAnchor[],
): TableWrite[] {
  const writes: TableWrite[] = [];
  const fresh = new Map<string, Uint8Array>();
  for (const { gateway, index, leaf } of anchors) {
    const log = namesKey(gateway);
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

/** The root of the first `size` anchors of a gateway. Throws `merkle/missing-node`. */
export function anchorRoot(hash: Hash, at: Snapshot, gateway: string, size: number): Uint8Array {
  const log = namesKey(gateway);
  const getNode = (level: number, index: number) =>
    at.get('anchor-nodes', logNodeKey(log, level, index));
  return rootFromNodes(hash, getNode, size);
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
