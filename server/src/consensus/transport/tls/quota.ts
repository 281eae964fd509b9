// Buckets that fill with time: what one peer or one address may cost.

import type { Channel } from '../port.ts';
import type { ReceiveRate } from './limits.ts';

/** Counts in units of its own; may be overdrawn, and says for how long. */
export class Bucket {
  readonly #size: number;
  readonly #fill_per_ms: number;
  #level: number;
  #filled_ms: number;

  constructor(size: number, fill_per_ms: number, now_ms: number) {
    this.#size = size;
    this.#fill_per_ms = fill_per_ms;
    this.#level = size;
    this.#filled_ms = now_ms;
  }

  /** Takes the amount out. Milliseconds until nothing is owed, 0 if nothing is. */
  take(amount: number, now_ms: number): number {
    // A clock that is set back fills nothing; the next step forward counts from there.
    const passed_ms = Math.max(0, now_ms - this.#filled_ms);
    this.#filled_ms = now_ms;
    this.#level = Math.min(this.#size, this.#level + passed_ms * this.#fill_per_ms) - amount;
    return this.#level >= 0 ? 0 : Math.ceil(-this.#level / this.#fill_per_ms);
  }

  /** Takes one out only if it is there. */
  allow(now_ms: number): boolean {
    if (this.take(0, now_ms) > 0 || this.#level < 1) return false;
    this.#level -= 1;
    return true;
  }

  /** Nothing was taken out, or it has come back. */
  isFull(now_ms: number): boolean {
    this.take(0, now_ms);
    return this.#level >= this.#size;
  }
}

const BURST_MS = 2000;
/** Pings, answers: far more than an honest peer needs. */
const CONTROL: ReceiveRate = { bytes_per_s: 1000, messages_per_s: 5 };

/** What one peer has sent, in milliseconds of what it may send. */
export class ReceiveQuota {
  readonly #rates: Readonly<Record<Channel | 'control', ReceiveRate>>;
  readonly #buckets: Readonly<Record<Channel | 'control', Bucket>>;

  constructor(rates: Readonly<Record<Channel, ReceiveRate>>, now_ms: number) {
    this.#rates = { ...rates, control: CONTROL };
    const bucket = (): Bucket => new Bucket(BURST_MS, 1, now_ms);
    this.#buckets = {
      consensus: bucket(),
      transactions: bucket(),
      blocks: bucket(),
      control: bucket(),
    };
  }

  /** Counts a piece. How long to read nothing from this peer, 0: go on. */
  charge(
    channel: Channel | 'control',
    bytes: number,
    endsMessage: boolean,
    now_ms: number,
  ): number {
    const rate = this.#rates[channel];
    const cost_ms =
      (bytes / rate.bytes_per_s) * 1000 + (endsMessage ? 1000 / rate.messages_per_s : 0);
    return this.#buckets[channel].take(cost_ms, now_ms);
  }
}

/** A bucket for each of many names, the least recently used forgotten first. */
export class Buckets {
  readonly #size: number;
  readonly #fill_per_ms: number;
  readonly #names_max: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(size: number, fill_per_ms: number, names_max: number) {
    this.#size = size;
    this.#fill_per_ms = fill_per_ms;
    this.#names_max = names_max;
  }

  allow(name: string, now_ms: number): boolean {
    const bucket = this.#buckets.get(name) ?? new Bucket(this.#size, this.#fill_per_ms, now_ms);
    this.#buckets.delete(name);
    this.#buckets.set(name, bucket);
    if (this.#buckets.size > this.#names_max) {
      const oldest = this.#buckets.keys().next();
      if (oldest.done !== true) this.#buckets.delete(oldest.value);
    }
    return bucket.allow(now_ms);
  }
}
