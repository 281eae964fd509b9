// How long to wait before the next try: twice as long each time, with chance in it, so that a thousand devices that lost
// one gateway do not all come back in the same second.

import type { RandomBytes } from '../random/random.ts';

export interface BackoffOptions {
  readonly first_ms: number;
  readonly longest_ms: number;
  readonly random: RandomBytes;
}

export interface Backoff {
  /** Between half and the whole of a delay that doubles from `first_ms` up to `longest_ms`. */
  next_ms(): number;
  reset(): void;
}

export function createBackoff({ first_ms, longest_ms, random }: BackoffOptions): Backoff {
  let delay_ms = first_ms;
  return {
    next_ms: () => {
      const share = 0.5 + (random(1)[0] ?? 0) / 512;
      const chosen_ms = Math.ceil(Math.min(delay_ms, longest_ms) * share);
      delay_ms = Math.min(delay_ms * 2, longest_ms);
      return chosen_ms;
    },
    reset: () => {
      delay_ms = first_ms;
    },
  };
}
