// Packets of one socket read are handled at the same time, and signatures finish in any order. A lane makes the packs of one
// device decide in the order of their numbers.

interface Place {
  readonly bootEpoch: number;
  readonly seq: number;
  proceed: (() => void) | undefined;
}

export class Lane {
  readonly #places: Place[] = [];

  get length(): number {
    return this.#places.length;
  }

  /** Takes a place by number. The caller must `leave` it, whatever happens. */
  enter(bootEpoch: number, seq: number): Place {
    const place: Place = { bootEpoch, seq, proceed: undefined };
    // Equal numbers keep their order of arrival. Usually the last one is lower already.
    let at = this.#places.length;
    for (; at > 0; at -= 1) {
      const before = this.#places[at - 1];
      if (before === undefined || before.bootEpoch < bootEpoch) break;
      if (before.bootEpoch === bootEpoch && before.seq <= seq) break;
    }
    this.#places.splice(at, 0, place);
    return place;
  }

  /** Undefined when nothing lower is under way, else a promise of that. */
  turn(place: Place): Promise<void> | undefined {
    if (this.#places[0] === place) return undefined;
    return new Promise((resolve) => {
      place.proceed = resolve;
    });
  }

  leave(place: Place): void {
    const at = this.#places.indexOf(place);
    if (at >= 0) this.#places.splice(at, 1);
    const head = this.#places[0];
    const proceed = head?.proceed;
    if (head !== undefined && proceed !== undefined) {
      head.proceed = undefined;
      proceed();
    }
  }
}
