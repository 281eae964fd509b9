// What a consortium may tune, and what bounds the memory and the work that peers can cause.

export interface SimplexOptions {
  /** T₀ of rule 6. */
  readonly skip_ms: number;
  /** α of rule 6, in thousandths. */
  readonly growth_ppt: number;
  readonly skipMax_ms: number;
  /** Tₛ of rule 8. */
  readonly standstill_ms: number;
  readonly standstillMax_ms: number;
  /** Votes for slots further ahead of the frontier are dropped. */
  readonly slotsAhead_max: number;
  /** Least time between a block and the one that this leader puts upon it, so that more transactions share a block under load. */
  readonly minInterval_ms: number;
  /** An empty block when the head is older than this, so that a reader sees that the ledger lives. */
  readonly heartbeat_ms: number;
  /** A block whose time lies further ahead of this machine's clock is not voted for yet. */
  readonly timeAhead_ms: number;
  /** How long a peer has to answer a fetch before the next one is asked; it doubles up to `fetchMax_ms`. */
  readonly fetch_ms: number;
  readonly fetchMax_ms: number;
}

export const SIMPLEX_OPTIONS: SimplexOptions = {
  skip_ms: 1000,
  growth_ppt: 1500,
  skipMax_ms: 30_000,
  standstill_ms: 2000,
  standstillMax_ms: 30_000,
  slotsAhead_max: 64,
  minInterval_ms: 50,
  heartbeat_ms: 60_000,
  timeAhead_ms: 5000,
  fetch_ms: 250,
  fetchMax_ms: 5000,
};

/** Messages looked at in one turn, of all peers together; between two turns other work runs. */
export const MESSAGES_PER_TURN = 64;
/** Of one peer, waiting for their turn. Beyond it they are dropped, and rule 8 brings again what matters. */
export const INBOX_MESSAGES_MAX = 2048;
export const INBOX_BYTES_MAX = 16 * 1024 * 1024;
/** Of one peer, for an epoch that has not begun here. */
export const EARLY_MESSAGES_MAX = 512;
export const EARLY_BYTES_MAX = 6 * 1024 * 1024;
/** Proposals for slots further ahead of the frontier are dropped: they are blocks, and come again by fetch once a quorum has voted. */
export const PROPOSALS_AHEAD_MAX = 8;
/** Candidates of one slot: the leader's first, and another one if a quorum voted for it. */
export const CANDIDATES_PER_SLOT_MAX = 2;
/** Candidates of one leader that are held: many blocks more than may wait to be final, and no more than one that proposes without end can fill. */
export const LEADER_BYTES_MAX = 64 * 1024 * 1024;
/** Final slots whose candidates are still given to peers that are a little behind. */
export const SLOTS_KEPT = 8;
/** Fetches of one peer that are answered at once, and how many more each second. */
export const FETCHES_BURST = 32;
export const FETCHES_PER_S = 32;
/** Least time between two times that one peer is told what it seems to lack. */
export const HELP_INTERVAL_MS = 500;
/** Votes that come this soon after their slot was final were on the way already. */
export const HELP_GRACE_MS = 200;
/** How often a block whose time lies ahead is looked at again. */
export const TIMELY_RETRY_MS = 1000;
