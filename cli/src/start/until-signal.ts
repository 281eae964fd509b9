// A process that works until it is told to stop.

export interface Ending {
  readonly signal: AbortSignal;
  /** Why it ends, when no one asked for it. */
  failed?: Error;
  now(): void;
}

/** Runs until SIGINT or SIGTERM, which `ending` tells; a second one of the same ends the process at once. */
export async function untilSignal(run: (ending: Ending) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  const ending = { signal: controller.signal, now: () => controller.abort() };
  // The rooms' timers do not hold the process; until the sockets listen, this one does.
  const alive = setInterval(() => {}, 2 ** 30);
  process.once('SIGINT', ending.now);
  process.once('SIGTERM', ending.now);
  try {
    await run(ending);
  } finally {
    clearInterval(alive);
    process.off('SIGINT', ending.now);
    process.off('SIGTERM', ending.now);
  }
}
