// Blocks as they were read: a block never changes, and those of the moment are asked for again and again.

import {
  type Block,
  type GetLogNode,
  type Hash,
  inclusionProofFromNodes,
  leafHash,
  logNodes,
} from '@suyuan/contracts';

const BYTES_MAX = 32 * 1024 * 1024;
const BLOCKS_MAX = 1_024;

interface Entry {
  readonly block: Block;
  readonly size_bytes: number;
  /** Of the transactions and of the receipts; made when the first proof is asked for. */
  txNodes?: GetLogNode;
  receiptNodes?: GetLogNode;
}

export interface BlockCache {
  read(height: number): Block | undefined;
  /** Inclusion of leaf `index` in both trees of the block; undefined without such a block. */
  prove(
    height: number,
    index: number,
  ): { readonly tx: Uint8Array[]; readonly receipt: Uint8Array[] } | undefined;
}

/** `readBlock` gives a block that is committed, or undefined. */
export function createBlockCache(
  readBlock: (height: number) => Block | undefined,
  hash: Hash,
  limits: { readonly bytes: number; readonly blocks: number } = {
    bytes: BYTES_MAX,
    blocks: BLOCKS_MAX,
  },
): BlockCache {
  const entries = new Map<number, Entry>();
  let kept_bytes = 0;

  function entryOf(height: number): Entry | undefined {
    const known = entries.get(height);
    if (known !== undefined) {
      entries.delete(height);
      entries.set(height, known);
      return known;
    }
    const block = readBlock(height);
    if (block === undefined) return undefined;
    const entry: Entry = { block, size_bytes: sizeOf(block) };
    entries.set(height, entry);
    kept_bytes += entry.size_bytes;
    for (const [oldest, { size_bytes }] of entries) {
      if (kept_bytes <= limits.bytes && entries.size <= limits.blocks) break;
      entries.delete(oldest);
      kept_bytes -= size_bytes;
    }
    return entry;
  }

  const nodesOf = (leaves: readonly Uint8Array[]): GetLogNode =>
    logNodes(
      hash,
      leaves.map((leaf) => leafHash(hash, leaf)),
    );

  return {
    read: (height) => entryOf(height)?.block,
    prove(height, index) {
      const entry = entryOf(height);
      if (entry === undefined) return undefined;
      const { txs, receipts } = entry.block;
      entry.txNodes ??= nodesOf(txs);
      entry.receiptNodes ??= nodesOf(receipts);
      return {
        tx: inclusionProofFromNodes(hash, entry.txNodes, index, txs.length),
        receipt: inclusionProofFromNodes(hash, entry.receiptNodes, index, receipts.length),
      };
    },
  };
}

function sizeOf({ header, certificate, txs, receipts }: Block): number {
  const lists = [...txs, ...receipts].reduce((sum, bytes) => sum + bytes.length, 0);
  return header.length + certificate.length + lists;
}
