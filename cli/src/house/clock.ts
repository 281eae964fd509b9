// The one clock of the house. It is the machine's, unless a season is being lived through: then it stands where it is put,
// never goes back, and everyone in the process sees the same day.

export interface HouseClock {
  now_ms(): number;
  /** Calls back after `delay_ms` of real time: timers pace the machine, not the season. */
  setTimer(callback: () => void, delay_ms: number): () => void;
  wait(delay_ms: number, signal?: AbortSignal): Promise<void>;
  /** Lets the clock stand at this time, at least as late as before. */
  standAt(time_ms: number): void;
  /** Real time again. */
  letGo(): void;
}

export function createHouseClock(): HouseClock {
  let standing_ms: number | undefined;
  function setTimer(callback: () => void, delay_ms: number): () => void {
    const timer = setTimeout(callback, Math.min(delay_ms, 2 ** 31 - 1));
    timer.unref();
    return () => clearTimeout(timer);
  }
  return {
    now_ms: () => standing_ms ?? Date.now(),
    setTimer,
    wait: (delay_ms, signal) =>
      new Promise((resolve) => {
        if (delay_ms <= 0 || signal?.aborted) return resolve();
        const done = (): void => {
          cancel();
          signal?.removeEventListener('abort', done);
          resolve();
        };
        const cancel = setTimer(done, delay_ms);
        signal?.addEventListener('abort', done, { once: true });
      }),
    standAt(time_ms) {
      standing_ms = Math.max(time_ms, standing_ms ?? 0);
    },
    letGo() {
      standing_ms = undefined;
    },
  };
}
