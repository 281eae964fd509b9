// A bound on work begun and not finished, so that many packs share one sync of the disk without piling up.

export interface InFlight {
  /** Starts `work` once there is room; resolves when it has started. The first failure rejects the next call. */
  start(work: () => Promise<unknown>): Promise<void>;
  /** Resolves when all of it is done; rejects with the first failure. */
  settled(): Promise<void>;
}

export function createInFlight(limit: number): InFlight {
  const running = new Set<Promise<void>>();
  let failure: { error: unknown } | undefined;
  const check = (): void => {
    if (failure !== undefined) throw failure.error;
  };
  return {
    start: async (work) => {
      while (running.size >= limit) await Promise.race(running);
      check();
      const task: Promise<void> = work().then(
        () => void running.delete(task),
        (error: unknown) => {
          running.delete(task);
          failure ??= { error };
        },
      );
      running.add(task);
    },
    settled: async () => {
      await Promise.all(running);
      check();
    },
  };
}
