// A map that forgets: at most `limit` entries, the least recently used one goes first.

/** Keeps the `limit` most recently used entries. `limit` is at least 1. */
export class BoundedCache<K, V> {
  readonly limit: number;
  private readonly entries = new Map<K, V>();

  constructor(limit: number) {
    this.limit = limit;
  }

  get size(): number {
    return this.entries.size;
  }

  /** The value under `key`, which becomes the most recently used. */
  get(key: K): V | undefined {
    const value = this.entries.get(key);
    if (value === undefined) return undefined;
    this.entries.delete(key);
    this.entries.set(key, value);
    return value;
  }

  /** Keeps `value` and returns what had to go for it. */
  set(key: K, value: V): V | undefined {
    this.entries.delete(key);
    const evicted = this.entries.size >= this.limit ? this.oldest() : undefined;
    if (evicted !== undefined) this.entries.delete(evicted[0]);
    this.entries.set(key, value);
    return evicted?.[1];
  }

  delete(key: K): void {
    this.entries.delete(key);
  }

  /** The entry that the next `set` of a new key would evict when full. */
  oldest(): [K, V] | undefined {
    for (const entry of this.entries) return entry;
    return undefined;
  }
}
