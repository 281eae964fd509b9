// Time enters the simulator only here: devices, schedules and backoff all ask a clock that was passed in.

/** What a device needs of time: milliseconds since 1970-01-01T00:00:00Z. */
export interface Clock {
  now_ms(): number;
}

/** A clock that can also be waited on. */
export interface WaitingClock extends Clock {
  /** Resolves once `delay_ms` has passed on this clock, or at once when `signal` aborts. Never rejects. */
  wait(delay_ms: number, signal?: AbortSignal): Promise<void>;
}

/** Node holds a delay in 31 bits: longer waits are taken in slices. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** The machine's own clock. */
export const systemClock: WaitingClock = {
  now_ms: () => Date.now(),
  wait: async (delay_ms, signal) => {
    let left_ms = delay_ms;
    while (left_ms > 0 && signal?.aborted !== true) {
      const slice_ms = Math.min(left_ms, TIMER_MAX_MS);
      await timer(slice_ms, signal);
      left_ms -= slice_ms;
    }
  },
};

function timer(delay_ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(handle);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const handle = setTimeout(done, delay_ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}
