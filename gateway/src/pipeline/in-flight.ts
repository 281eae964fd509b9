// Admission: how much may be between the socket and the column store. Waiting here is the backpressure: the
// acknowledgement is late, the client sends no more, nothing is dropped.

interface Waiter {
  readonly size_bytes: number;
  readonly admit: () => void;
  readonly refuse: (error: unknown) => void;
}

export class InFlight {
  readonly #maxPacks: number;
  readonly #maxBytes: number;
  readonly #waiters: Waiter[] = [];
  #packs = 0;
  #bytes = 0;
  #closed: unknown;

  constructor(limits: { readonly inFlightPacks: number; readonly inFlightBytes: number }) {
    this.#maxPacks = limits.inFlightPacks;
    this.#maxBytes = limits.inFlightBytes;
  }

  get waiting(): number {
    return this.#waiters.length;
  }

  get packs(): number {
    return this.#packs;
  }

  /** Undefined when there is room at once, else a promise of it. First come, first served. Rejects after `close`. */
  enter(size_bytes: number): Promise<void> | undefined {
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    if (this.#waiters.length === 0 && this.#hasRoom(size_bytes)) {
      this.#take(size_bytes);
      return undefined;
    }
    return new Promise((admit, refuse) => {
      this.#waiters.push({ size_bytes, admit, refuse });
    });
  }

  /** Packs that come back from the journal at start are in flight whatever the limit. */
  recover(packs: number): void {
    this.#packs += packs;
  }

  /** The bytes are durable, or no longer wanted. */
  leaveBytes(size_bytes: number): void {
    this.#bytes -= size_bytes;
    this.#admit();
  }

  /** The packs are in the column store, or will never go there. */
  leavePacks(packs: number): void {
    this.#packs -= packs;
    this.#admit();
  }

  /** Whoever waits, or comes later, is refused with `error`. */
  close(error: unknown): void {
    this.#closed = error;
    for (const waiter of this.#waiters.splice(0)) waiter.refuse(error);
  }

  #hasRoom(size_bytes: number): boolean {
    return this.#packs < this.#maxPacks && this.#bytes + size_bytes <= this.#maxBytes;
  }

  #take(size_bytes: number): void {
    this.#packs += 1;
    this.#bytes += size_bytes;
  }

  #admit(): void {
    for (;;) {
      const next = this.#waiters[0];
      if (next === undefined || !this.#hasRoom(next.size_bytes)) return;
      this.#waiters.shift();
      this.#take(next.size_bytes);
      next.admit();
    }
  }
}
