const HOUR_MS = 3_600_000;
/** Names that are not devices share one quota, so the map is bounded by the devices of the ledger and this. */
const NAMES_MAX = 100_000;

/** How many bad packs of each device are kept in the current hour. */
export class HourlyQuota {
  readonly #perHour: number;
  #hour = -1;
  #used = new Map<string, number>();

  constructor(perHour: number) {
    this.#perHour = perHour;
  }

  /** 'kept', or 'first-over' for the first one beyond the quota in this hour, or 'over'. */
  use(name: string, now_ms: number): 'kept' | 'first-over' | 'over' {
    const hour = Math.floor(now_ms / HOUR_MS);
    if (hour !== this.#hour) {
      this.#hour = hour;
      this.#used = new Map();
    }
    const key = this.#used.has(name) || this.#used.size < NAMES_MAX ? name : '';
    const used = (this.#used.get(key) ?? 0) + 1;
    this.#used.set(key, used);
    if (used <= this.#perHour) return 'kept';
    return used === this.#perHour + 1 ? 'first-over' : 'over';
  }
}
