import type { NodeClock } from '../../../engine/clock.ts';

export interface VirtualClock extends NodeClock {
  /** Lets so much time pass; what promises do between two timers is over before the next one. */
  pass(time_ms: number): Promise<void>;
  /** Sets the clock alone: timers keep their distance. */
  jump(time_ms: number): void;
  readonly timers: number;
}

export function createVirtualClock(): VirtualClock {
  let elapsed_ms = 0;
  let offset_ms = 1_760_000_000_000;
  let serial = 0;
  const timers = new Map<number, { at_ms: number; callback: () => void }>();
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

  function nextDue(until_ms: number): number | undefined {
    let due: number | undefined;
    let at_ms = until_ms;
    for (const [id, timer] of timers) {
      if (timer.at_ms > until_ms || (due !== undefined && timer.at_ms >= at_ms)) continue;
      due = id;
      at_ms = timer.at_ms;
    }
    return due;
  }

  return {
    now_ms: () => offset_ms + elapsed_ms,
    setTimer(callback, delay_ms) {
      const id = serial++;
      timers.set(id, { at_ms: elapsed_ms + Math.max(0, delay_ms), callback });
      return () => void timers.delete(id);
    },
    async pass(time_ms) {
      const until_ms = elapsed_ms + time_ms;
      await settle();
      for (let id = nextDue(until_ms); id !== undefined; id = nextDue(until_ms)) {
        const { at_ms, callback } = timers.get(id)!;
        timers.delete(id);
        elapsed_ms = at_ms;
        callback();
        await settle();
      }
      elapsed_ms = until_ms;
    },
    jump(time_ms) {
      offset_ms += time_ms;
    },
    get timers() {
      return timers.size;
    },
  };
}
