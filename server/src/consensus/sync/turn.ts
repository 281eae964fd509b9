import type { NodeClock } from '../../engine/clock.ts';

/** Waits that end at once when their owner stops. */
export interface Turns {
  /** Resolves after whatever else waits for its turn, and after `delay_ms`. */
  next(delay_ms?: number): Promise<void>;
  stop(): void;
}

export function createTurns(clock: NodeClock): Turns {
  const waits = new Set<() => void>();
  let stopped = false;
  return {
    next: (delay_ms = 0) =>
      new Promise((resolve) => {
        if (stopped) return resolve();
        const end = (): void => {
          waits.delete(end);
          cancel();
          resolve();
        };
        const cancel = clock.setTimer(end, delay_ms);
        waits.add(end);
      }),
    stop() {
      stopped = true;
      for (const end of [...waits]) end();
    },
  };
}
