// Bundles as they were made, until something that they show has changed. Anchors change every few seconds and are left aside:
// a bundle says of what time its head is, so an old log in it is not wrong, and its age is bounded.

import type { BlockNotice } from '@suyuan/contracts';

export interface CachedBundle {
  readonly bytes: Uint8Array;
  /** The state keys that it shows. */
  readonly keys: readonly string[];
}

interface Entry extends CachedBundle {
  readonly madeAt_ms: number;
  readonly size_bytes: number;
}

const CACHE_BYTES_MAX = 64 * 1024 * 1024;
/** The oldest that an answer may be. */
const AGE_MAX_MS = 10_000;
/** What a key in an entry and its way back to it take. */
const KEY_BYTES = 256;
const LEFT_ASIDE = 'anchors/';

export interface BundleCache {
  get(name: string): Uint8Array | undefined;
  /** To be called when the state is read; `keep` then keeps the bundle unless something in it has changed since. */
  begin(): { keep(name: string, bundle: CachedBundle): void; end(): void };
  /** Drops what shows one of the changed keys. */
  changed(notice: Pick<BlockNotice, 'changedKeys'>): void;
}

export function createBundleCache(elapsed_ms: () => number): BundleCache {
  const entries = new Map<string, Entry>();
  const byKey = new Map<string, Set<string>>();
  const watching = new Set<Set<string>>();
  let kept_bytes = 0;

  function drop(name: string): void {
    const entry = entries.get(name);
    if (entry === undefined) return;
    entries.delete(name);
    kept_bytes -= entry.size_bytes;
    for (const key of entry.keys) {
      const names = byKey.get(key);
      names?.delete(name);
      if (names?.size === 0) byKey.delete(key);
    }
  }

  function keep(name: string, { bytes, keys }: CachedBundle, madeAt_ms: number): void {
    drop(name);
    const size_bytes = bytes.length + keys.length * KEY_BYTES;
    if (size_bytes > CACHE_BYTES_MAX) return;
    entries.set(name, { bytes, keys, madeAt_ms, size_bytes });
    kept_bytes += size_bytes;
    for (const key of keys) {
      const names = byKey.get(key) ?? new Set();
      byKey.set(key, names.add(name));
    }
    for (const oldest of entries.keys()) {
      if (kept_bytes <= CACHE_BYTES_MAX) break;
      drop(oldest);
    }
  }

  return {
    get(name) {
      const entry = entries.get(name);
      if (entry === undefined) return undefined;
      if (elapsed_ms() - entry.madeAt_ms < AGE_MAX_MS) return entry.bytes;
      drop(name);
      return undefined;
    },
    begin() {
      const changes = new Set<string>();
      const begun_ms = elapsed_ms();
      watching.add(changes);
      return {
        keep(name, bundle) {
          if (bundle.keys.some((key) => changes.has(key))) return;
          keep(name, bundle, begun_ms);
        },
        end: () => void watching.delete(changes),
      };
    },
    changed({ changedKeys }) {
      for (const key of changedKeys) {
        if (key.startsWith(LEFT_ASIDE)) continue;
        for (const changes of watching) changes.add(key);
        for (const name of [...(byKey.get(key) ?? [])]) drop(name);
      }
    },
  };
}
