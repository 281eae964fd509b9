// A clock that moves only when it is told to: a year passes in as long as its work takes.

import type { WaitingClock } from './clock.ts';

interface Waiter {
  readonly at_ms: number;
  readonly wake: () => void;
}

/** A clock under the caller's control. */
export interface ManualClock extends WaitingClock {
  /** Moves to `now + by_ms`, waking sleepers in order of their time, each seeing the clock at its own time. */
  advance(by_ms: number): Promise<void>;
  /** How many are waiting. */
  waiting(): number;
}

/** A clock that stands at `start_ms` until advanced. */
export function createManualClock(start_ms: number): ManualClock {
  let now_ms = start_ms;
  const waiters: Waiter[] = [];
  return {
    now_ms: () => now_ms,
    waiting: () => waiters.length,
    wait: (delay_ms, signal) =>
      new Promise((resolve) => {
        if (delay_ms <= 0 || signal?.aborted === true) return resolve();
        const leave = (): void => {
          const index = waiters.indexOf(waiter);
          if (index >= 0) waiters.splice(index, 1);
          signal?.removeEventListener('abort', leave);
          resolve();
        };
        const waiter: Waiter = { at_ms: now_ms + delay_ms, wake: leave };
        waiters.push(waiter);
        signal?.addEventListener('abort', leave, { once: true });
      }),
    advance: async (by_ms) => {
      const target_ms = now_ms + by_ms;
      for (;;) {
        const next = earliest(waiters);
        if (next === undefined || next.at_ms > target_ms) break;
        now_ms = next.at_ms;
        next.wake();
        await settle();
      }
      now_ms = target_ms;
      await settle();
    },
  };
}

function earliest(waiters: readonly Waiter[]): Waiter | undefined {
  let first: Waiter | undefined;
  for (const waiter of waiters) {
    if (first === undefined || waiter.at_ms < first.at_ms) first = waiter;
  }
  return first;
}

/** Lets whoever was woken run up to its next wait, as far as promises alone can take it. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
