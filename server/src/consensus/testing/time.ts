// Time that passes only when a test says so; several machines, each with a clock of its own, live in it.

import type { NodeClock } from '../../engine/clock.ts';

export interface MachineClock extends NodeClock {
  /** How far this clock is ahead of the world's. */
  skew_ms: number;
}

export interface VirtualTime {
  clock(): MachineClock;
  /** Later in this moment, after what waits already. */
  readonly defer: (run: () => void) => void;
  pass(time_ms: number): Promise<void>;
  /** Until it holds; throws after `limit_ms`. */
  until(holds: () => boolean, limit_ms?: number): Promise<void>;
  readonly now_ms: number;
  /** Timers that wait, of all machines. */
  readonly waiting: number;
}

interface Turn {
  readonly at_ms: number;
  readonly serial: number;
  readonly run: () => void;
}

const START_MS = 1_780_000_000_000;

export function createVirtualTime(): VirtualTime {
  let now_ms = START_MS;
  let serial = 0;
  const turns = new Map<number, Turn>();

  function add(run: () => void, delay_ms: number): number {
    serial += 1;
    turns.set(serial, { at_ms: now_ms + Math.max(0, delay_ms), serial, run });
    return serial;
  }

  function first(): Turn | undefined {
    let best: Turn | undefined;
    for (const turn of turns.values())
      if (best === undefined || turn.at_ms < best.at_ms) best = turn;
    return best;
  }

  /** One turn, if there is one before that time. */
  async function step(until_ms: number): Promise<boolean> {
    const next = first();
    if (next === undefined || next.at_ms > until_ms) return false;
    turns.delete(next.serial);
    now_ms = next.at_ms;
    next.run();
    await settle();
    return true;
  }

  return {
    clock() {
      const clock: MachineClock = {
        skew_ms: 0,
        now_ms: () => now_ms + clock.skew_ms,
        setTimer(callback, delay_ms) {
          const id = add(callback, delay_ms);
          return () => void turns.delete(id);
        },
      };
      return clock;
    },
    defer: (run) => void add(run, 0),
    async pass(time_ms) {
      await settle();
      const end_ms = now_ms + time_ms;
      while (await step(end_ms)) {}
      now_ms = end_ms;
    },
    async until(holds, limit_ms = 600_000) {
      await settle();
      const end_ms = now_ms + limit_ms;
      while (!holds()) {
        if (!(await step(end_ms))) throw new Error('virtual time: it never came to that');
      }
    },
    get now_ms() {
      return now_ms;
    },
    get waiting() {
      return turns.size;
    },
  };
}

/** What promises do by themselves is over. */
export async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
