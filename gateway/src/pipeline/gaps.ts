/** A range of sequence numbers that never arrived, both ends included. */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

/** The missing numbers of one start of one device: disjoint ranges, ascending, at most `capacity` of them. */
export class GapList {
  readonly #capacity: number;
  #gaps: Gap[];
  /** Missing numbers whose range was given up for room. They can no longer be told from replays. */
  #forgotten: number;

  constructor(capacity: number, gaps: readonly Gap[] = [], forgotten = 0) {
    this.#capacity = capacity;
    this.#gaps = [...gaps];
    this.#forgotten = forgotten;
  }

  get ranges(): readonly Gap[] {
    return this.#gaps;
  }

  get forgotten(): number {
    return this.#forgotten;
  }

  /** How many numbers are missing, forgotten ones included. */
  get missing(): number {
    return this.#gaps.reduce((sum, gap) => sum + gap.to - gap.from + 1, this.#forgotten);
  }

  has(seq: number): boolean {
    return this.#gaps.some((gap) => gap.from <= seq && seq <= gap.to);
  }

  /** A range above all others. */
  open(from: number, to: number): void {
    this.#gaps.push({ from, to });
    this.#trim();
  }

  /** The number arrived after all. */
  close(seq: number): void {
    const at = this.#gaps.findIndex((gap) => gap.from <= seq && seq <= gap.to);
    const gap = this.#gaps[at];
    if (gap === undefined) return;
    const rest: Gap[] = [];
    if (gap.from < seq) rest.push({ from: gap.from, to: seq - 1 });
    if (seq < gap.to) rest.push({ from: seq + 1, to: gap.to });
    this.#gaps.splice(at, 1, ...rest);
    this.#trim();
  }

  #trim(): void {
    while (this.#gaps.length > this.#capacity) {
      const oldest = this.#gaps.shift();
      if (oldest !== undefined) this.#forgotten += oldest.to - oldest.from + 1;
    }
  }
}
