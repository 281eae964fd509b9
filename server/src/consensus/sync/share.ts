// How much of this node's time and line its peers may take.

import type { NodeClock } from '../../engine/clock.ts';
import type { SyncLimits } from './limits.ts';

/** What an answer counts at least: to ask for nothing a thousand times a second is no use to anyone. */
const ANSWER_BYTES = 64 * 1024;

/** How much of this node's time and line one peer may take. */
export interface Share {
  /** How long until another answer is due. */
  pause_ms(): number;
  took(size_bytes: number): void;
}

export function createShare(clock: NodeClock, bytes_per_s: number): Share {
  const rate = bytes_per_s / 1_000;
  let ahead_bytes = 0;
  let since_ms = clock.now_ms();
  return {
    pause_ms() {
      const now = clock.now_ms();
      ahead_bytes = Math.max(0, ahead_bytes - Math.max(0, now - since_ms) * rate);
      since_ms = now;
      return Math.ceil(ahead_bytes / rate);
    },
    took(size_bytes) {
      ahead_bytes += Math.max(size_bytes, ANSWER_BYTES);
    },
  };
}

/** Both of them have to have room. */
export function both(one: Share, other: Share): Share {
  return {
    pause_ms: () => Math.max(one.pause_ms(), other.pause_ms()),
    took(size_bytes) {
      one.took(size_bytes);
      other.took(size_bytes);
    },
  };
}

/** The share of each peer: its own, and of observers at the same time one that is all of theirs. */
export type ShareOf = (peer: { readonly validator: boolean }) => Share;

export function createShares(clock: NodeClock, limits: SyncLimits): ShareOf {
  const observers = createShare(clock, limits.observers_bytes_per_s);
  return ({ validator }) => {
    const own = createShare(clock, limits.served_bytes_per_s);
    return validator ? own : both(own, observers);
  };
}
