// Between the engine, which executes and stores, and whatever decides which block is next. The engine keeps a tree of executed blocks
// above its committed head; consensus chooses among them, and the engine believes nothing but certificates.

import type { Block, CryptoProvider, Hash, Profile, Validator } from '@suyuan/contracts';
import type { NodeClock } from '../engine/clock.ts';
import type { NodeLogger } from '../engine/logger.ts';
import type { HeldSnapshot } from '../storage/database.ts';

/** An executed block that waits for its certificate. */
export interface ProposedBlock {
  readonly height: number;
  readonly headerBytes: Uint8Array;
  /** 32 bytes; what votes name. */
  readonly blockHash: Uint8Array;
  /** 32 bytes: the block it stands upon. */
  readonly previous: Uint8Array;
  readonly time_ms: number;
  readonly txs: readonly Uint8Array[];
  /** The next block is of another validator set. */
  readonly endsEpoch: boolean;
}

export interface ConsensusHead {
  readonly height: number;
  readonly blockHash: Uint8Array;
  readonly time_ms: number;
  /** The certificate of the newest committed block; null before the first block. */
  readonly certificate: Uint8Array | null;
}

/** Who votes on the block after the head. */
export interface EpochView {
  readonly epoch: number;
  /** In certificate order. */
  readonly validators: readonly Validator[];
  /** The last block of the epoch before, or the chain id: what the first block of this epoch stands upon. */
  readonly root: Uint8Array;
  /** Height of the first block of this epoch. */
  readonly firstHeight: number;
}

export interface ConsensusHost {
  readonly chainId: Uint8Array;
  readonly profile: Profile;
  readonly hash: Hash;
  readonly crypto: CryptoProvider;
  readonly clock: NodeClock;
  readonly logger: NodeLogger;
  /** Of the last committed block. */
  head(): ConsensusHead;
  epoch(): EpochView;

  /** Transactions waiting; with `upon`, those that neither this executed block nor an uncommitted one below it holds. */
  pending(upon?: Uint8Array): number;
  /** Called whenever a transaction comes in; returns what stops it. */
  onPending(listener: () => void): () => void;
  /** Called with each transaction newly taken into the mempool, wherever it came from (null: from this node's own door). */
  onAccepted(listener: (tx: Uint8Array, from: string | null) => void): () => void;
  /** A transaction from a peer: taken into the mempool as if it were submitted, or dropped. Rejects with `tx/*` where it is refused. */
  receive(tx: Uint8Array, from: string): Promise<void>;
  /** The bytes of what waits, oldest first. */
  waiting(): Iterable<Uint8Array>;

  /**
   * Executes what waits into a block upon `parent`, the head or an executed block. Transactions that the uncommitted ancestors hold
   * are left out. `time_ms` must be later than the parent's. The block may be empty.
   */
  propose(args: {
    readonly parent: Uint8Array;
    readonly proposer: string;
    readonly time_ms: number;
  }): ProposedBlock;
  /**
   * Executes another's block upon the one that its header names, which must be the head or executed; signatures are verified off the
   * thread where they can be. Rejects with `ledger/*` when the block is wrong, `ledger/unknown-parent` when it is too early.
   */
  validate(headerBytes: Uint8Array, txs: readonly Uint8Array[]): Promise<ProposedBlock>;
  /** An executed, uncommitted block. */
  executed(blockHash: Uint8Array): ProposedBlock | undefined;
  /**
   * Stores the executed blocks from the head to `blockHash`, whose Final certificate it is; durable on return. What does not stand
   * upon it is dropped. Nothing happens if it is committed already. Throws `certificate/*`, `ledger/*` or `durable/*`.
   */
  commit(blockHash: Uint8Array, certificate: Uint8Array): Promise<void>;
  /** A committed block out of another node's log, the next after the head: verified whole, executed and stored. Throws as `validate` and `commit`. */
  take(block: Block): Promise<void>;
  /** A committed block of this node's log. */
  block(height: number): Block | undefined;
  /** The height that this node's log begins above, where it was founded on a snapshot. */
  base?(): number;
  /** One moment of the state at a certified block, for a node that begins with a snapshot; to be released soon. */
  hold?(): HeldSnapshot;

  /** The engine cannot go on; the node refuses further transactions and says why. */
  fail(error: unknown): void;
}

export interface Consensus {
  /** Begins to make blocks. Rejects with `consensus/*` when it can never make one on this chain. */
  start(host: ConsensusHost): Promise<void>;
  /** Resolves when no block is being made any more. */
  stop(): Promise<void>;
}
