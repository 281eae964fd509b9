// A machine's clock: off by some seconds, too fast or too slow, and set forward or back by its keeper in mid-flight.

import type { NodeClock } from '../../../server/src/engine/clock.ts';
import type { Scheduler } from '../kernel/scheduler.ts';

export interface SimClock {
  /** For one life of the machine: its timers die with it. */
  boot(alive: () => boolean): NodeClock;
  /** How far the clock is ahead of true time. */
  offset_ms: number;
  /** Virtual milliseconds that pass while this clock counts one. */
  rate: number;
}

export function createSimClock(scheduler: Scheduler, begin_ms: number): SimClock {
  const clock: SimClock = {
    offset_ms: 0,
    rate: 1,
    boot: (alive) => ({
      now_ms: () => begin_ms + scheduler.now_ms() + clock.offset_ms,
      setTimer: (callback, delay_ms) =>
        scheduler.after(delay_ms * clock.rate, () => {
          if (alive()) callback();
        }),
    }),
  };
  return clock;
}
