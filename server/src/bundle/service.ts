// Bundles as they are asked for: the same question at the same height is worked out once, answers are kept within a bound of
// memory, and only a few are worked out at a time.

import { AppError, type Subject } from '@suyuan/contracts';

const CACHE_BYTES_MAX = 64 * 1024 * 1024;
const AT_ONCE_MAX = 4;
/** Questions that may wait for their turn; at a few bundles a second the last of them waits about half a minute. */
const WAITING_MAX = 64;

export interface BundleService {
  /** The encoded bundle. Throws as `assembleBundle`, or `http/busy`. */
  get(link: Subject): Promise<Uint8Array>;
}

export interface BundleServiceDeps {
  height(): number;
  assemble(link: Subject): Promise<Uint8Array>;
}

export function createBundleService({ height, assemble }: BundleServiceDeps): BundleService {
  const cached = new Map<string, Uint8Array>();
  const underWay = new Map<string, Promise<Uint8Array>>();
  const waiting: (() => void)[] = [];
  let cached_bytes = 0;
  let running = 0;

  const keep = (key: string, bytes: Uint8Array) => {
    if (bytes.length > CACHE_BYTES_MAX || cached.has(key)) return;
    cached.set(key, bytes);
    cached_bytes += bytes.length;
    for (const [oldest, value] of cached) {
      if (cached_bytes <= CACHE_BYTES_MAX) break;
      cached.delete(oldest);
      cached_bytes -= value.length;
    }
  };

  const inTurn = async (link: Subject): Promise<Uint8Array> => {
    if (running >= AT_ONCE_MAX) {
      if (waiting.length >= WAITING_MAX) {
        throw new AppError(
          'http/busy',
          'Too many bundles are asked for at once; try again in a moment.',
        );
      }
      // Whoever finishes hands its turn over, so `running` stays as it is.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running += 1;
    }
    try {
      return await assemble(link);
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };

  return {
    get(link) {
      const key = JSON.stringify([height(), link.gtin, link.lot ?? null, link.serial ?? null]);
      const known = cached.get(key);
      if (known !== undefined) return Promise.resolve(known);
      const same = underWay.get(key);
      if (same !== undefined) return same;
      const work = inTurn(link)
        .then((bytes) => {
          keep(key, bytes);
          return bytes;
        })
        .finally(() => underWay.delete(key));
      underWay.set(key, work);
      return work;
    },
  };
}
