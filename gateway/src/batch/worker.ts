// A loop that does one thing after another and tries each again until it works, waiting longer each time.

import type { GatewayClock } from '../clock.ts';

const FIRST_DELAY_ms = 250;
const LAST_DELAY_ms = 30_000;

export interface WorkerParts<T> {
  readonly clock: GatewayClock;
  /** The next thing to do, or undefined when there is none now; `wake` asks again. */
  readonly next: () => T | undefined;
  readonly run: (item: T) => Promise<void>;
  /** True: try again later. False: the error cannot be mended by waiting; the worker stops. */
  readonly onError: (error: unknown, item: T) => boolean;
}

export class Worker<T> {
  readonly #parts: WorkerParts<T>;
  #running: Promise<void> | undefined;
  #stopped = false;
  #endPause: (() => void) | undefined;

  constructor(parts: WorkerParts<T>) {
    this.#parts = parts;
  }

  /** There may be something to do. */
  wake(): void {
    if (this.#stopped || this.#running !== undefined) return;
    this.#running = this.#loop().finally(() => {
      this.#running = undefined;
      if (!this.#stopped && this.#parts.next() !== undefined) this.wake();
    });
  }

  async #loop(): Promise<void> {
    let delay_ms = FIRST_DELAY_ms;
    for (;;) {
      const item = this.#stopped ? undefined : this.#parts.next();
      if (item === undefined) return;
      try {
        await this.#parts.run(item);
        delay_ms = FIRST_DELAY_ms;
      } catch (error) {
        if (this.#stopped) return;
        if (!this.#parts.onError(error, item)) {
          this.#stopped = true;
          return;
        }
        await this.#pause(delay_ms);
        delay_ms = Math.min(2 * delay_ms, LAST_DELAY_ms);
      }
    }
  }

  #pause(delay_ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#parts.clock.setTimer(resolve, delay_ms);
      this.#endPause = () => {
        cancel();
        resolve();
      };
    });
  }

  /** Begins nothing more and waits for what is under way, unless `abandon`. */
  async stop(abandon = false): Promise<void> {
    this.#stopped = true;
    this.#endPause?.();
    if (!abandon) await this.#running;
  }
}
