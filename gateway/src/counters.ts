// The books of the gateway: received = stored + quarantined + duplicate + in flight, at every moment.

export interface PackCounts {
  readonly received: number;
  /** In the column store. */
  readonly stored: number;
  readonly quarantined: number;
  /** The same message again. */
  readonly duplicate: number;
  /** Received and none of the others yet. */
  readonly inFlight: number;
}

export class PackCounters {
  #received = 0;
  #stored = 0;
  #quarantined = 0;
  #duplicate = 0;

  receive(packs = 1): void {
    this.#received += packs;
  }

  store(packs: number): void {
    this.#stored += packs;
  }

  quarantine(): void {
    this.#quarantined += 1;
  }

  repeat(): void {
    this.#duplicate += 1;
  }

  /** The pack was not taken and not acknowledged: its sender has it still. */
  giveBack(): void {
    this.#received -= 1;
  }

  counts(): PackCounts {
    const { received, stored, quarantined, duplicate } = {
      received: this.#received,
      stored: this.#stored,
      quarantined: this.#quarantined,
      duplicate: this.#duplicate,
    };
    return {
      received,
      stored,
      quarantined,
      duplicate,
      inFlight: received - stored - quarantined - duplicate,
    };
  }
}
