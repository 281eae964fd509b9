// Packs with their proofs: inclusion in their batch, and of the batch in the gateway's anchor log of a given size.

import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  decodeAnchor,
  equalBytes,
  getDevice,
  type Hash,
  inclusionProofFromNodes,
  logNodes,
  type PackedBatch,
  rootFromNodes,
} from '@suyuan/contracts';
import type { LedgerNode } from '../http/ports.ts';
import { type BatchRef, batchKey, type ReadingStore, type StoredPack } from '../readings/port.ts';
import { Lru } from './lru.ts';

/** Leaf hashes held in memory at once: batches of 2,048 leaves, a megabyte. */
const BATCHES_AT_ONCE = 16;
/** Proofs of packs remembered; a proof never changes once its batch is closed. About 400 bytes each. */
const PROOFS_MAX = 16_384;

export interface PackProver {
  /**
   * Left out are packs of batches that are not within the first `sizeOf(gateway)` anchors or not wholly stored yet, and
   * packs anchored after the revocation of their device.
   */
  prove(
    packs: readonly StoredPack[],
    sizeOf: (gateway: string) => number,
  ): Promise<readonly PackedBatch[]>;
}

export function createPackProver(node: LedgerNode, readings: ReadingStore, hash: Hash): PackProver {
  const known = new Lru<readonly Uint8Array[]>(PROOFS_MAX);
  const proofKey = (pack: StoredPack) => `${batchKey(pack)}/${pack.leaf}`;

  const learn = async (batches: readonly (readonly StoredPack[])[]) => {
    const unknown = batches.filter((packs) =>
      packs.some((p) => known.get(proofKey(p)) === undefined),
    );
    const refs = unknown.flatMap((packs) => packs.slice(0, 1));
    const leaves = refs.length === 0 ? new Map() : await readings.leafHashes(refs);
    for (const packs of unknown) {
      const [first] = packs;
      const hashes = first === undefined ? undefined : leaves.get(batchKey(first));
      const nodes = first === undefined ? undefined : provenNodes(node, hash, first, hashes ?? []);
      if (nodes === undefined) continue;
      for (const pack of packs) {
        known.set(proofKey(pack), inclusionProofFromNodes(hash, nodes.get, pack.leaf, nodes.size));
      }
      // A batch is about 10 ms of hashing: others get their turn between two.
      await nextTurn();
    }
  };

  return {
    async prove(packs, sizeOf) {
      const anchored = packs.filter(
        (pack) => pack.batch < sizeOf(pack.gateway) && isBeforeRevocation(node, pack),
      );
      const batches = groupByBatch(anchored);
      const proven: PackedBatch[] = [];
      for (let from = 0; from < batches.length; from += BATCHES_AT_ONCE) {
        const group = batches.slice(from, from + BATCHES_AT_ONCE);
        await learn(group);
        for (const members of group) {
          const packed = members.flatMap((member) => {
            const proof = known.get(proofKey(member));
            return proof === undefined ? [] : [{ index: member.leaf, pack: member.bytes, proof }];
          });
          const [first] = members;
          const anchor = first && node.anchorLeaf(first.gateway, first.batch);
          if (first === undefined || anchor === undefined || packed.length === 0) continue;
          const proof = node.anchorProof(first.gateway, first.batch, sizeOf(first.gateway));
          proven.push({ gateway: first.gateway, anchor, proof, packs: packed });
        }
      }
      return proven;
    },
  };
}

/** What was anchored after its device's revocation proves nothing, even when it was measured before. */
function isBeforeRevocation(node: LedgerNode, pack: StoredPack): boolean {
  const revokedAt = getDevice({ get: (key) => node.read(key) }, pack.device)?.revokedAt;
  if (revokedAt === undefined) return true;
  const anchor = node.anchorLeaf(pack.gateway, pack.batch);
  return anchor !== undefined && decodeAnchor(anchor).time_ms <= revokedAt;
}

/** By gateway and batch, both ascending, packs by leaf: the same packs always give the same bytes. */
function groupByBatch(packs: readonly StoredPack[]): readonly (readonly StoredPack[])[] {
  const groups = new Map<string, StoredPack[]>();
  for (const pack of packs) {
    const group = groups.get(batchKey(pack)) ?? [];
    if (group.every((other) => other.leaf !== pack.leaf)) group.push(pack);
    groups.set(batchKey(pack), group);
  }
  const sorted = [...groups.values()].map((group) => group.sort((a, b) => a.leaf - b.leaf));
  return sorted.sort(([a], [b]) => compareBatches(a, b));
}

function compareBatches(a: BatchRef | undefined, b: BatchRef | undefined): number {
  if (a === undefined || b === undefined) return 0;
  if (a.gateway !== b.gateway) return a.gateway < b.gateway ? -1 : 1;
  return a.batch - b.batch;
}

/**
 * The tree of a batch from its stored leaf hashes, when it is the one that was anchored. A store that holds part of a
 * batch, or something else, gives no proof: better a pack that is missing than one that breaks the bundle.
 */
function provenNodes(node: LedgerNode, hash: Hash, ref: BatchRef, leaves: readonly Uint8Array[]) {
  const bytes = node.anchorLeaf(ref.gateway, ref.batch);
  if (bytes === undefined) return undefined;
  const anchor = decodeAnchor(bytes);
  if (anchor.count !== leaves.length) return undefined;
  const get = logNodes(hash, leaves);
  const root = rootFromNodes(hash, get, leaves.length);
  return equalBytes(root, anchor.root) ? { get, size: leaves.length } : undefined;
}
