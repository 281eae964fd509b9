import type { NodeClock } from '../../engine/clock.ts';

/** Timers by name: setting one again replaces it. */
export interface Timers {
  set(name: string, delay_ms: number, run: () => void): void;
  clear(name: string): void;
  clearAll(): void;
  readonly count: number;
}

export function createTimers(clock: NodeClock): Timers {
  const cancels = new Map<string, () => void>();

  function clear(name: string): void {
    cancels.get(name)?.();
    cancels.delete(name);
  }

  return {
    set(name, delay_ms, run) {
      clear(name);
      const cancel = clock.setTimer(() => {
        cancels.delete(name);
        run();
      }, delay_ms);
      cancels.set(name, cancel);
    },
    clear,
    clearAll() {
      for (const name of [...cancels.keys()]) clear(name);
    },
    get count() {
      return cancels.size;
    },
  };
}
