// What a block can stand upon: the newest block in the database, or an executed block above it.

import { bytesToHex, type LedgerState } from '@suyuan/contracts';
import type { Snapshot } from '../storage/database.ts';
import type { Head } from '../storage/head.ts';
import { keyText, overlaySnapshot } from '../storage/overlay.ts';
import { cachedState } from './cached-state.ts';
import type { Candidate } from './candidate.ts';
import type { VotingSet } from './law.ts';

export interface Ground {
  readonly height: number;
  readonly blockHash: Uint8Array;
  readonly time_ms: number;
  /** Since the genesis. */
  readonly transactions: number;
  readonly stateRoot: Uint8Array;
  /** The state after it. */
  readonly view: Snapshot;
  /** The same as rules read it. */
  readonly state: LedgerState;
  /** Who votes on the block after it. */
  readonly set: VotingSet;
  /** The executed block that is not in the database yet; undefined for what is there. */
  readonly layer: Layer | undefined;
}

export interface Layer extends Ground {
  readonly id: string;
  readonly candidate: Candidate;
  readonly layer: Layer;
  /** Ids of its transactions, as text. */
  readonly txIds: ReadonlySet<string>;
  readonly size_bytes: number;
  /** What it stands upon, while that is not in the database. */
  readonly parent: Layer | undefined;
  /** The parent's writes are in the database. */
  land(): void;
}

export function layerId(blockHash: Uint8Array): string {
  return bytesToHex(blockHash);
}

export function storedGround(head: Head, view: Snapshot, set: VotingSet): Ground {
  const { height, blockHash, time_ms, transactions, stateRoot } = head;
  const state = cachedState(view);
  return {
    height,
    blockHash,
    time_ms,
    transactions,
    stateRoot,
    view,
    state,
    set,
    layer: undefined,
  };
}

export function createLayer(on: Ground, candidate: Candidate, db: Snapshot): Layer {
  const { header, blockHash, writes, txs, receipts, next } = candidate;
  let parent = on.layer;
  const view = overlaySnapshot(() => parent?.view ?? db, writes);
  const layer: Layer = {
    id: layerId(blockHash),
    candidate,
    height: header.height,
    blockHash,
    time_ms: header.time_ms,
    transactions: on.transactions + txs.length,
    stateRoot: header.stateRoot,
    view,
    state: cachedState(view),
    set: next,
    get layer() {
      return layer;
    },
    txIds: new Set(receipts.map(({ txId }) => keyText(txId))),
    size_bytes: sizeOf(candidate),
    get parent() {
      return parent;
    },
    land() {
      parent = undefined;
    },
  };
  return layer;
}

/** Bookkeeping of one write beside its bytes. */
const WRITE_BYTES = 100;

function sizeOf({ txs, receiptBytes, writes }: Candidate): number {
  let size = 0;
  for (const bytes of txs) size += bytes.length;
  for (const bytes of receiptBytes) size += bytes.length;
  for (const { key, value } of writes) size += WRITE_BYTES + key.length + (value?.length ?? 0);
  return size;
}
