import type { GatewayClock } from '../clock.ts';

interface Timer {
  readonly at_ms: number;
  readonly callback: () => void;
}

/** A clock that stands until it is moved. */
export interface TestClock extends GatewayClock {
  /** Moves on, firing the timers that fall due, in their order. */
  advance(by_ms: number): void;
}

export function createTestClock(start_ms: number): TestClock {
  let now_ms = start_ms;
  const timers = new Set<Timer>();
  return {
    now_ms: () => now_ms,
    setTimer(callback, delay_ms) {
      const timer = { at_ms: now_ms + delay_ms, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(by_ms) {
      const end_ms = now_ms + by_ms;
      for (;;) {
        const due = [...timers].filter((timer) => timer.at_ms <= end_ms);
        const next = due.sort((a, b) => a.at_ms - b.at_ms)[0];
        if (next === undefined) break;
        timers.delete(next);
        now_ms = Math.max(now_ms, next.at_ms);
        next.callback();
      }
      now_ms = end_ms;
    },
  };
}
