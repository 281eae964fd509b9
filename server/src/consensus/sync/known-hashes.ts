// Hashes of what was seen lately, in two generations: the older one is forgotten when the younger is full or the caller says so.

export interface KnownHashes {
  has(id: string): boolean;
  add(id: string): void;
  remove(id: string): void;
  /** Forgets the older generation. */
  age(): void;
  readonly size: number;
}

export function createKnownHashes(limit: number): KnownHashes {
  let young = new Set<string>();
  let old = new Set<string>();
  const age = (): void => {
    old = young;
    young = new Set();
  };
  return {
    has: (id) => young.has(id) || old.has(id),
    add(id) {
      if (young.size >= limit) age();
      young.add(id);
    },
    remove(id) {
      young.delete(id);
      old.delete(id);
    },
    age,
    get size() {
      return young.size + old.size;
    },
  };
}
