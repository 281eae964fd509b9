// A queue in which the keys take turns: whoever puts in much waits for itself and not for the others' expense.

/** First in, first out within a key; from key to key in turn. */
export class Turns<T> {
  readonly #lists = new Map<string, T[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** How many wait under `key`. */
  sizeOf(key: string): number {
    return this.#lists.get(key)?.length ?? 0;
  }

  push(key: string, item: T): void {
    const list = this.#lists.get(key);
    if (list === undefined) this.#lists.set(key, [item]);
    else list.push(item);
    this.#size += 1;
  }

  shift(): T | undefined {
    for (const [key, list] of this.#lists) {
      const item = list.shift();
      // A Map keeps the order of insertion: put in again, the key is the last in line.
      this.#lists.delete(key);
      if (list.length > 0) this.#lists.set(key, list);
      this.#size -= 1;
      return item;
    }
    return undefined;
  }

  /** Takes out all, in no order that matters. */
  clear(): T[] {
    const items = [...this.#lists.values()].flat();
    this.#lists.clear();
    this.#size = 0;
    return items;
  }
}
