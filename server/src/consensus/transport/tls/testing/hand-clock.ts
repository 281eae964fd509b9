import type { NodeClock } from '../../../../engine/clock.ts';

export interface HandClock extends NodeClock {
  /** Moves time on and runs what is due, in order. */
  advance(duration_ms: number): void;
  /** Delays of the timers that run, shortest first. */
  readonly timers: readonly number[];
}

export function createHandClock(): HandClock {
  let now = 1_760_000_000_000;
  const timers = new Set<{ readonly at: number; readonly callback: () => void }>();
  return {
    now_ms: () => now,
    setTimer(callback, delay_ms) {
      const timer = { at: now + delay_ms, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(duration_ms) {
      const end = now + duration_ms;
      for (;;) {
        const next = [...timers].sort((a, b) => a.at - b.at)[0];
        if (next === undefined || next.at > end) break;
        now = Math.max(now, next.at);
        timers.delete(next);
        next.callback();
      }
      now = end;
    },
    get timers() {
      return [...timers].map((timer) => timer.at - now).sort((a, b) => a - b);
    },
  };
}
