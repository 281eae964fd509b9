// A small durable store of JSON under text keys: what a delivery or a capture must remember over a restart. What may grow
// is bounded by those who write.

import { open } from 'lmdb';

export interface JsonStore {
  get<T>(key: string): T | undefined;
  /** Durable when it resolves. */
  put(key: string, value: unknown): Promise<void>;
  /** All or nothing; `undefined` removes. Durable when it resolves. */
  putMany(entries: readonly (readonly [key: string, value: unknown])[]): Promise<void>;
  remove(key: string): Promise<void>;
  /** Entries whose key begins with `prefix`, ascending, after the key `after`. */
  list<T>(
    prefix: string,
    options: { readonly after?: string; readonly limit: number; readonly reverse?: boolean },
  ): [key: string, value: T][];
  close(): Promise<void>;
}

/** Above every character of our keys. */
const LAST = '\uffff';

export function openJsonStore(directory: string): JsonStore {
  const db = open<unknown, string>({ path: directory, noSubdir: false, encoding: 'json' });
  const putMany: JsonStore['putMany'] = async (entries) => {
    await db.batch(() => {
      for (const [key, value] of entries) {
        if (value === undefined) db.remove(key);
        else db.put(key, value);
      }
    });
    // A resolved batch is visible, not yet on the disk.
    await db.flushed;
  };
  return {
    get: <T>(key: string) => db.get(key) as T | undefined,
    put: (key, value) => putMany([[key, value]]),
    putMany,
    remove: (key) => putMany([[key, undefined]]),
    list<T>(
      prefix: string,
      { after, limit, reverse }: { after?: string; limit: number; reverse?: boolean },
    ) {
      const low = prefix;
      const high = `${prefix}${LAST}`;
      const range =
        reverse === true
          ? { start: after ?? high, end: low, reverse: true, limit: limit + 1 }
          : { start: after ?? low, end: high, limit: limit + 1 };
      const found: [string, T][] = [];
      for (const { key, value } of db.getRange(range)) {
        if (key === after || !key.startsWith(prefix)) continue;
        found.push([key, value as T]);
        if (found.length === limit) break;
      }
      return found;
    },
    async close() {
      await db.flushed;
      await db.close();
    },
  };
}
