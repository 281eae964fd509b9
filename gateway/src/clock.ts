/** Time comes in as an argument, so that a simulated year can be replayed through a real gateway. */
export interface GatewayClock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now_ms(): number;
  /** Calls back once, `delay_ms` of this clock from now; returns what cancels it. */
  setTimer(callback: () => void, delay_ms: number): () => void;
}

/** The machine's clock. Its timers do not keep the process alive. */
export const systemClock: GatewayClock = {
  now_ms: () => Date.now(),
  setTimer(callback, delay_ms) {
    const timer = setTimeout(callback, delay_ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
