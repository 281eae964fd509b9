// Admission: how much may be between the socket and the column store. Waiting here is the backpressure: the
// acknowledgement is late, the client sends no more, nothing is dropped. Devices that wait are let in by turns, and one
// device has a share only, so a device that sends all day delays itself and not the others.

export interface InFlightLimits {
  readonly inFlightPacks: number;
  readonly inFlightBytes: number;
  readonly devicePacks: number;
  readonly deviceBytes: number;
}

interface Waiter {
  readonly size_bytes: number;
  readonly admit: () => void;
  readonly refuse: (error: unknown) => void;
}

interface Share {
  readonly device: string;
  packs: number;
  bytes: number;
  readonly waiters: Waiter[];
}

export class InFlight {
  readonly #limits: InFlightLimits;
  /** Of devices that hold or wait for something; others are forgotten. */
  readonly #shares = new Map<string, Share>();
  /** Shares with a waiter that would fit its own device's limit, in turn. */
  readonly #turns = new Set<Share>();
  #packs = 0;
  #bytes = 0;
  #waiting = 0;
  #closed: unknown;

  constructor(limits: InFlightLimits) {
    this.#limits = limits;
  }

  get waiting(): number {
    return this.#waiting;
  }

  get packs(): number {
    return this.#packs;
  }

  /** Undefined when there is room at once, else a promise of it; packs of one device in their order. Rejects after `close`. */
  enter(device: string, size_bytes: number): Promise<void> | undefined {
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    const share = this.#shareOf(device);
    const first = this.#turns.size === 0 && share.waiters.length === 0;
    if (first && this.#hasRoom(size_bytes) && this.#mayHave(share, size_bytes)) {
      this.#take(share, size_bytes);
      return undefined;
    }
    return new Promise((admit, refuse) => {
      share.waiters.push({ size_bytes, admit, refuse });
      this.#waiting += 1;
      this.#queue(share);
    });
  }

  /** Packs that come back from the journal at start are in flight whatever the limit. */
  recover(packs: Iterable<{ readonly deviceId: string }>): void {
    for (const { deviceId } of packs) this.#take(this.#shareOf(deviceId), 0);
  }

  /** The bytes are durable, or no longer wanted. */
  leaveBytes(device: string, size_bytes: number): void {
    this.#bytes -= size_bytes;
    const share = this.#shareOf(device);
    share.bytes -= size_bytes;
    this.#left(share);
    this.#admit();
  }

  /** The packs are in the column store, or will never go there. */
  leavePacks(packs: Iterable<{ readonly deviceId: string }>): void {
    for (const { deviceId } of packs) {
      this.#packs -= 1;
      const share = this.#shareOf(deviceId);
      share.packs -= 1;
      this.#left(share);
    }
    this.#admit();
  }

  /** Whoever waits, or comes later, is refused with `error`. */
  close(error: unknown): void {
    this.#closed = error;
    this.#turns.clear();
    this.#waiting = 0;
    for (const share of this.#shares.values()) {
      for (const waiter of share.waiters.splice(0)) waiter.refuse(error);
    }
  }

  #shareOf(device: string): Share {
    let share = this.#shares.get(device);
    if (share === undefined) {
      share = { device, packs: 0, bytes: 0, waiters: [] };
      this.#shares.set(device, share);
    }
    return share;
  }

  #hasRoom(size_bytes: number): boolean {
    const { inFlightPacks, inFlightBytes } = this.#limits;
    return this.#packs < inFlightPacks && this.#bytes + size_bytes <= inFlightBytes;
  }

  #mayHave(share: Share, size_bytes: number): boolean {
    const { devicePacks, deviceBytes } = this.#limits;
    return share.packs < devicePacks && share.bytes + size_bytes <= deviceBytes;
  }

  #take(share: Share, size_bytes: number): void {
    this.#packs += 1;
    this.#bytes += size_bytes;
    share.packs += 1;
    share.bytes += size_bytes;
  }

  #left(share: Share): void {
    if (share.waiters.length > 0) this.#queue(share);
    else if (share.packs === 0 && share.bytes === 0) this.#shares.delete(share.device);
  }

  #queue(share: Share): void {
    const next = share.waiters[0];
    if (next !== undefined && this.#mayHave(share, next.size_bytes)) this.#turns.add(share);
  }

  #admit(): void {
    for (const share of this.#turns) {
      const next = share.waiters[0];
      // Nobody overtakes the one whose turn it is: a large pack would wait for ever.
      if (next === undefined || !this.#hasRoom(next.size_bytes)) return;
      this.#turns.delete(share);
      share.waiters.shift();
      this.#waiting -= 1;
      this.#take(share, next.size_bytes);
      // Added again at the end: the loop comes back to it after the others.
      this.#queue(share);
      next.admit();
    }
  }
}
