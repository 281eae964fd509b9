// In front of the signature checks of tokens: whoever is not yet known may not hold up the packs of those who are.

import { AppError } from '@suyuan/contracts';

export interface TurnstileLimits {
  /** Tokens whose signature is being checked; packs wait behind these at most. */
  readonly tokenChecks: number;
  /** Connections that may wait for their token to be checked. */
  readonly tokenBacklog: number;
}

export class Turnstile {
  readonly #limits: TurnstileLimits;
  readonly #waiters: (() => void)[] = [];
  #inside = 0;

  constructor(limits: TurnstileLimits) {
    this.#limits = limits;
  }

  get waiting(): number {
    return this.#waiters.length;
  }

  /** Runs `check` when it is its turn. Throws `connect/busy` at once when too many wait. */
  async pass<T>(check: () => Promise<T>): Promise<T> {
    if (this.#inside < this.#limits.tokenChecks) {
      this.#inside += 1;
    } else {
      if (this.#waiters.length >= this.#limits.tokenBacklog) {
        throw new AppError('connect/busy', 'Too many devices connect at once; try again later.');
      }
      // Whoever leaves hands its place over, so `#inside` stays.
      await new Promise<void>((enter) => this.#waiters.push(enter));
    }
    try {
      return await check();
    } finally {
      const next = this.#waiters.shift();
      if (next === undefined) this.#inside -= 1;
      else next();
    }
  }
}
