// Bundles as they are asked for: what was made and still holds is given again, the same question at the same height is worked
// out once, and only a few are worked out at a time.

import { AppError, type BlockNotice, type Subject } from '@suyuan/contracts';
import { type CachedBundle, createBundleCache } from './cache.ts';

const AT_ONCE_MAX = 4;
/** Questions that may wait for their turn; at a few bundles a second the last of them waits about half a minute. */
const WAITING_MAX = 64;

export interface BundleService {
  /** The encoded bundle, at most ten seconds old and older than no change of what it shows. Throws as `assembleBundle`, or `http/busy`. */
  get(link: Subject): Promise<Uint8Array>;
  stop(): void;
}

export interface BundleServiceDeps {
  height(): number;
  subscribe(listener: (notice: BlockNotice) => void): () => void;
  /** Must read the state before its first await. */
  assemble(link: Subject): Promise<CachedBundle>;
  /** A clock that only moves on. */
  elapsed_ms(): number;
}

export function createBundleService(deps: BundleServiceDeps): BundleService {
  const { height, assemble } = deps;
  const cache = createBundleCache(deps.elapsed_ms);
  const stop = deps.subscribe((notice) => cache.changed(notice));
  const underWay = new Map<string, Promise<Uint8Array>>();
  const waiting: (() => void)[] = [];
  let running = 0;

  const make = async (name: string, link: Subject): Promise<Uint8Array> => {
    const making = cache.begin();
    try {
      const bundle = await assemble(link);
      making.keep(name, bundle);
      return bundle.bytes;
    } finally {
      making.end();
    }
  };

  const inTurn = async (name: string, link: Subject): Promise<Uint8Array> => {
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
      return await make(name, link);
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };

  return {
    get(link) {
      const name = JSON.stringify([link.gtin, link.lot ?? null, link.serial ?? null]);
      const known = cache.get(name);
      if (known !== undefined) return Promise.resolve(known);
      // By height: who saw a block does not join those who asked before it.
      const question = `${height()} ${name}`;
      const same = underWay.get(question);
      if (same !== undefined) return same;
      const work = inTurn(name, link).finally(() => underWay.delete(question));
      underWay.set(question, work);
      return work;
    },
    stop,
  };
}
