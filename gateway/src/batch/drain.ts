/** Lets callers wait until nothing is left to do. */
export class Drain {
  readonly #isEmpty: () => boolean;
  #waiters: (() => void)[] = [];
  #failure: Error | undefined;

  constructor(isEmpty: () => boolean) {
    this.#isEmpty = isEmpty;
  }

  /** Something was finished. */
  progressed(): void {
    if (!this.#isEmpty() && this.#failure === undefined) return;
    for (const wake of this.#waiters.splice(0)) wake();
  }

  /** Nothing will be finished any more: whoever waits, or comes later, gets `error` unless all is done. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.progressed();
  }

  /** Runs `push` while there is something left, and waits for it. */
  async drained(push: () => void): Promise<void> {
    while (!this.#isEmpty()) {
      if (this.#failure !== undefined) throw this.#failure;
      push();
      await new Promise<void>((wake) => this.#waiters.push(wake));
    }
  }
}
