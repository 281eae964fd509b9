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

export function createShare(clock: NodeClock, limits: SyncLimits): Share {
  const rate = limits.served_bytes_per_s / 1_000;
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
