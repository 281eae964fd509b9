// Limits of gossip and of block sync, with their units and reasons.

import { TX_SIZE_BYTES_MAX } from '@suyuan/contracts';
import { MESSAGE_BYTES_MAX } from '../transport/port.ts';

export interface GossipLimits {
  /** What comes in within this time shares a message. */
  readonly flush_ms: number;
  /** After a full queue of the transport. */
  readonly retry_ms: number;
  /** What has waited for this long, and at most twice as long, is offered to all again: the first message may have met a full mempool or a lost connection. */
  readonly again_ms: number;
  /** Of one message. */
  readonly batch_bytes: number;
  readonly batch_txs: number;
  /** Messages that wait for one peer's queue; beyond, the peer is given everything that waits here instead, from the start. */
  readonly outbox_messages: number;
  /** Of one peer, taken in and not yet judged; beyond, its messages are dropped: it offers them again. */
  readonly inbox_bytes: number;
  readonly inbox_txs: number;
  /** Transactions of all peers whose admission runs at once. */
  readonly judged: number;
  /** Hashes remembered of what is in the mempool already, in each of two generations. */
  readonly known: number;
}

export const GOSSIP_LIMITS: GossipLimits = {
  flush_ms: 5,
  retry_ms: 50,
  again_ms: 5_000,
  batch_bytes: 512 * 1024,
  batch_txs: 2_000,
  outbox_messages: 32,
  inbox_bytes: 4 * 1024 * 1024,
  inbox_txs: 8_000,
  judged: 64,
  known: 16_384,
};

export interface SyncLimits {
  /** Least time between two words to a peer about where this node stands: to those who only follow, and to validators, who see votes. */
  readonly status_ms: number;
  readonly statusValidator_ms: number;
  /** So far behind, the votes bring the missing blocks sooner than a peer's log, and for so long they are waited for. */
  readonly near_blocks: number;
  readonly near_ms: number;
  /** How long an answer may take; doubled with each failure in a row of the peer. */
  readonly answer_ms: number;
  readonly answerMax_ms: number;
  /** How long a peer that sent something wrong is not asked. */
  readonly distrust_ms: number;
  /** Of one answer. */
  readonly run_bytes: number;
  readonly run_blocks: number;
  /** Blocks of an answer that are taken before other work has its turn, in bytes. */
  readonly turn_bytes: number;
  /** What one peer is served in a second, and at most at once. */
  readonly served_bytes_per_s: number;
  /** What all observers together are served in a second: anybody can be one. */
  readonly observers_bytes_per_s: number;
  /** Snapshots served at once to observers, and as many more to validators: each holds one moment of the database, whose pages are not used again meanwhile. */
  readonly snapshots: number;
  /** How often it is seen to that a snapshot which is held makes progress. */
  readonly snapshotCheck_ms: number;
  /** How long one is held for a peer that asks for nothing more, and at most. */
  readonly snapshotIdle_ms: number;
  readonly snapshotMax_ms: number;
  /** How fast it must be taken on average after the first while. */
  readonly snapshotSlow_ms: number;
  readonly snapshotLeast_bytes_per_s: number;
  /** None is held longer than until the database has grown by so much since. */
  readonly snapshotGrowth_bytes: number;
  /** How long an observer's origin waits for another one after one that it did not take to the end, and after one that it did, in times of what that took. */
  readonly snapshotPause_ms: number;
  readonly snapshotPauseTimes: number;
}

export const SYNC_LIMITS: SyncLimits = {
  status_ms: 100,
  statusValidator_ms: 1_000,
  near_blocks: 2,
  near_ms: 300,
  answer_ms: 2_000,
  answerMax_ms: 30_000,
  distrust_ms: 60_000,
  run_bytes: 4 * 1024 * 1024,
  run_blocks: 512,
  turn_bytes: 64 * 1024,
  served_bytes_per_s: 16 * 1024 * 1024,
  observers_bytes_per_s: 8 * 1024 * 1024,
  snapshots: 2,
  snapshotCheck_ms: 5_000,
  snapshotIdle_ms: 20_000,
  snapshotMax_ms: 3_600_000,
  snapshotSlow_ms: 60_000,
  snapshotLeast_bytes_per_s: 64 * 1024,
  snapshotGrowth_bytes: 2 * 1024 * 1024 * 1024,
  snapshotPause_ms: 600_000,
  snapshotPauseTimes: 4,
};

/** CBOR around the parts of a message. */
export const FRAME_BYTES = 64;

if (GOSSIP_LIMITS.batch_bytes + TX_SIZE_BYTES_MAX + FRAME_BYTES > MESSAGE_BYTES_MAX.transactions) {
  throw new Error('sync: a batch of transactions must fit a message');
}
