// What goes into the core of the protocol and what comes out of it: data only. The names are those of the Simplex paper (Chan and
// Pass, eprint 2023/463) in its multi-slot form.

/** The hash of a block's header, in hex. */
export type BlockId = string;

/** A candidate: a block at a slot. The same block may stand again at a later slot (a *repeat*), where it only waits to be final. */
export interface Ref {
  /** −1 for the root of the epoch: the last block of the epoch before, or the genesis. */
  readonly slot: number;
  readonly block: BlockId;
}

/** What a validator may sign about a slot. */
export type Statement =
  | { readonly kind: 'notar'; readonly slot: number; readonly block: BlockId }
  | { readonly kind: 'skip'; readonly slot: number }
  | { readonly kind: 'final'; readonly slot: number; readonly block: BlockId };

export interface CoreOptions {
  /** Size of the set; validators are counted from 0. */
  readonly validators: number;
  /** Which of them this node is; null for one that only follows. */
  readonly self: number | null;
  /** The root of the epoch. */
  readonly root: BlockId;
  /** T₀ of rule 6: how long a slot may take before it is skipped. */
  readonly skip_ms: number;
  /** α of rule 6, in thousandths: the timeout of the k-th slot without a finalisation is T₀·αᵏ. */
  readonly growth_ppt: number;
  /** Where the timeout stops growing. */
  readonly skipMax_ms: number;
  /** Tₛ of rule 8: without a finalisation for so long, say again all that is known; it doubles up to `standstillMax_ms`. */
  readonly standstill_ms: number;
  readonly standstillMax_ms: number;
  /** Votes for slots further ahead of the frontier than this are dropped. */
  readonly slotsAhead_max: number;
  /**
   * What this validator signed before a restart, as its guard file says: it binds at once. To be counted each must come in as a `vote`
   * again, for only then is its signature at hand.
   */
  readonly cast: readonly Statement[];
  /** Slots in which this validator signed a proposal before a restart: nothing else is built there. */
  readonly proposed?: readonly number[];
  /** How many blocks may stand above the last final one; then only repeats. Default 16, so that a block of the log never needs more headers to its certificate. */
  readonly uncommitted_max?: number;
  /** The newest candidate known to be final when the core begins (after a restart or a sync), if it is not the root. */
  readonly final?: Ref;
}

export type CoreEvent =
  /**
   * A proposal whose leader's signature verifies, or a candidate that was fetched by slot and block, or one out of the journal. Of a repeat
   * `parent.block` is the block itself (and `endsEpoch` is not looked at), of any other what its header names as `previous`.
   */
  | {
      readonly type: 'candidate';
      readonly slot: number;
      readonly block: BlockId;
      readonly parent: Ref;
      /** Its block ends the epoch: nothing but itself may stand upon it in this epoch. */
      readonly endsEpoch: boolean;
    }
  /** Answers `validate`. `timely` false: right, but its time lies too far ahead of this node's clock to vote for it now. */
  | {
      readonly type: 'validated';
      readonly block: BlockId;
      readonly valid: boolean;
      readonly timely: boolean;
    }
  /** A vote whose signature verifies; one's own too, once it is durable. */
  | { readonly type: 'vote'; readonly from: number; readonly statement: Statement }
  /** A certificate whose signatures verify. `kept`: it comes out of this node's own journal. */
  | { readonly type: 'certificate'; readonly statement: Statement; readonly kept: boolean }
  /** Answers `build`; a null block: there is nothing to propose yet (the core asks again after `work` with `waiting`). */
  | {
      readonly type: 'built';
      readonly slot: number;
      readonly parent: Ref;
      readonly block: BlockId | null;
      readonly endsEpoch: boolean;
    }
  /** Whether something waits that wants a block: transactions, or a heartbeat that is due. */
  | { readonly type: 'work'; readonly waiting: boolean }
  | { readonly type: 'timeout'; readonly slot: number }
  | { readonly type: 'standstill' }
  /** Blocks up to this candidate were taken from a peer's log under its Final certificate. */
  | { readonly type: 'synced'; readonly final: Ref };

export type CoreEffect =
  /** Execute the block upon its parent, which was executed before, and answer `validated`. */
  | {
      readonly type: 'validate';
      readonly slot: number;
      readonly block: BlockId;
      readonly parent: Ref;
    }
  /** Rule 3: make a candidate for the slot upon this parent and answer `built`. `repeat`: only the parent again may stand there. */
  | {
      readonly type: 'build';
      readonly slot: number;
      readonly parent: Ref;
      readonly repeat: boolean;
    }
  /** Sign the candidate that was built, keep it, send it to all. The core counts it as received. */
  | {
      readonly type: 'propose';
      readonly slot: number;
      readonly block: BlockId;
      readonly parent: Ref;
    }
  /** Sign, make durable, send to all, and give it back as a `vote` of oneself. */
  | { readonly type: 'cast'; readonly statement: Statement }
  /** A quorum stands: keep the certificate in the journal before anything that follows from it is sent. */
  | { readonly type: 'keep'; readonly statement: Statement }
  /** Rule 7: send the certificate to all. Only for those formed here. */
  | { readonly type: 'announce'; readonly statement: Statement }
  /** Rule 2: get this candidate from whoever has it. Said once; it may still be on its way, so a short wait before asking is well spent. */
  | { readonly type: 'fetch'; readonly slot: number; readonly block: BlockId }
  /** A Final certificate stands too far ahead to be reached by fetching: take the blocks from the peers' logs, then say `synced`. */
  | { readonly type: 'behind'; readonly final: Ref }
  /** A Final certificate stands and the whole chain to it is executed: commit it. */
  | { readonly type: 'finalize'; readonly final: Ref }
  /** Replaces the timer of that name; null stops it. */
  | {
      readonly type: 'timer';
      readonly name: 'timeout' | 'standstill';
      readonly slot: number;
      readonly delay_ms: number | null;
    }
  /** Rule 8: send the newest Final certificate, all certificates above it, all votes of this node above it. */
  | { readonly type: 'rebroadcast' }
  /** A quorum vouches for a block that this node finds wrong: it cannot go on. */
  | { readonly type: 'diverged'; readonly slot: number; readonly block: BlockId };

/** The core as it stands, for driver, metrics and tests. */
export interface CoreView {
  /** Rule 1: the smallest slot that is not cleared. */
  readonly frontier: number;
  /** Who leads it. */
  readonly leader: number;
  /** The last candidate that was finalized here, with all before it. */
  readonly final: Ref;
  /** The newest Final certificate; above `final` while blocks to it are missing. */
  readonly certified: Ref;
  /** What the leader of the frontier builds upon: the greatest notarized candidate below it. */
  readonly base: Ref;
  /** Notarized candidates above `final`, ascending. */
  readonly notarized: readonly Ref[];
  /** Certificates held above `final`, ascending by slot. */
  readonly certificates: readonly Statement[];
  /** What this validator said above `final`, ascending by slot. */
  readonly cast: readonly Statement[];
  /** False: idle, no timer runs. */
  readonly active: boolean;
  readonly slots: number;
  readonly blocks: number;
}

export interface Core {
  /** Effects in the order in which they follow from each other. */
  step(event: CoreEvent): CoreEffect[];
  view(): CoreView;
  /**
   * Whether a vote of that validator, or with null a certificate, would change anything now. Cheap: ask before verifying a
   * signature. The core itself drops what it does not need.
   */
  needs(statement: Statement, from: number | null): boolean;
  /** Whether a candidate of that slot and block would be kept now. */
  needsCandidate(slot: number, block: BlockId): boolean;
  /** A second core in the same state, for the explorer. */
  fork(): Core;
  /** The state as text: equal exactly for cores that will answer alike for ever. */
  fingerprint(): string;
}
