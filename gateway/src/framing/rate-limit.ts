// Connection attempts of one address: a bucket that fills with time.

export interface RateLimits {
  readonly connectBurst: number;
  readonly connectRate_perSecond: number;
  readonly connectAddresses: number;
}

interface Bucket {
  tokens: number;
  filled_ms: number;
}

export class ConnectRateLimit {
  readonly #limits: RateLimits;
  /** Least recently used first. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(limits: RateLimits) {
    this.#limits = limits;
  }

  get addresses(): number {
    return this.#buckets.size;
  }

  /** True if one more attempt of `address` is allowed now. */
  allow(address: string, now_ms: number): boolean {
    const { connectBurst, connectRate_perSecond, connectAddresses } = this.#limits;
    const bucket = this.#buckets.get(address) ?? { tokens: connectBurst, filled_ms: now_ms };
    const passed_s = Math.max(0, now_ms - bucket.filled_ms) / 1000;
    bucket.tokens = Math.min(connectBurst, bucket.tokens + passed_s * connectRate_perSecond);
    bucket.filled_ms = now_ms;
    const allowed = bucket.tokens >= 1;
    if (allowed) bucket.tokens -= 1;
    this.#buckets.delete(address);
    this.#buckets.set(address, bucket);
    if (this.#buckets.size > connectAddresses) {
      const oldest = this.#buckets.keys().next();
      if (oldest.done !== true) this.#buckets.delete(oldest.value);
    }
    return allowed;
  }
}
