// Between the engine, which executes and stores, and whatever decides which block is next. A consensus engine asks the host
// for a block, has it certified, and hands it back; the host believes nothing but certificates.

import type { Hash, Validator } from '@suyuan/contracts';
import type { NodeClock } from '../engine/clock.ts';
import type { NodeLogger } from '../engine/logger.ts';

/** An executed block that waits for its certificate. */
export interface ProposedBlock {
  readonly height: number;
  readonly headerBytes: Uint8Array;
  /** 32 bytes; what a final vote names. */
  readonly blockHash: Uint8Array;
  readonly txs: readonly Uint8Array[];
}

export interface ConsensusHead {
  readonly height: number;
  readonly blockHash: Uint8Array;
  readonly time_ms: number;
}

export interface ConsensusHost {
  readonly chainId: Uint8Array;
  readonly hash: Hash;
  /** The epoch and its validators, in certificate order. */
  readonly epoch: number;
  readonly validators: readonly Validator[];
  readonly clock: NodeClock;
  readonly logger: NodeLogger;
  head(): ConsensusHead;
  /** Transactions waiting. */
  pending(): number;
  /** Called whenever a transaction comes in; returns what stops it. */
  onPending(listener: () => void): () => void;
  /** Executes what waits into the next block. `time_ms` must be later than the head's. */
  propose(args: { readonly proposer: string; readonly time_ms: number }): ProposedBlock;
  /** Executes another's block and returns it if its header is right. Throws `ledger/bad-block`. */
  validate(headerBytes: Uint8Array, txs: readonly Uint8Array[]): ProposedBlock;
  /** Stores a block of `propose` or `validate` on top of the head; durable on return. Throws `certificate/*`. */
  commit(block: ProposedBlock, certificate: Uint8Array): Promise<void>;
  /** The engine cannot go on; the node refuses further transactions and says why. */
  fail(error: unknown): void;
}

export interface Consensus {
  /** Begins to make blocks. Throws `consensus/*` when it can never make one on this chain. */
  start(host: ConsensusHost): void;
  /** Resolves when no block is being made any more. */
  stop(): Promise<void>;
}
