// Rule 2: a candidate that a quorum voted for is asked of one peer after another until it is here. And the other side of it.

import { hexToBytes } from '@suyuan/contracts';
import type { NodeClock } from '../../engine/clock.ts';
import type { BlockId } from '../core/types.ts';
import { encodeMessage } from '../messages/index.ts';
import { FETCHES_BURST, FETCHES_PER_S, type SimplexOptions } from './options.ts';
import { candidateKey } from './statements.ts';
import type { Timers } from './timers.ts';

export interface FetchingParts {
  readonly epoch: number;
  readonly options: SimplexOptions;
  readonly timers: Timers;
  readonly random: () => number;
  /** Connected validators. */
  readonly peers: () => readonly string[];
  readonly send: (peer: string, message: Uint8Array) => boolean;
  /** Nobody has answered for a while: the block may be in the logs already. */
  readonly hurry: () => void;
}

export interface Fetching {
  fetch(slot: number, block: BlockId): void;
  isWanted(slot: number, block: BlockId): boolean;
  got(slot: number, block: BlockId): void;
  /** Slots up to this one are final. */
  prune(final: number): void;
  readonly size: number;
}

interface Search {
  readonly slot: number;
  readonly message: Uint8Array;
  turn: number;
  asked: number;
}

/** A proposal is often on its way still when the votes for it are here. */
const PATIENCE_MS = 30;
const HURRY_AFTER = 2;

export function createFetching(parts: FetchingParts): Fetching {
  const { epoch, options, timers, random, peers, send } = parts;
  const searches = new Map<string, Search>();

  function ask(key: string): void {
    const search = searches.get(key);
    if (search === undefined) return;
    const all = peers();
    const peer = all[search.turn % Math.max(all.length, 1)];
    if (peer !== undefined) send(peer, search.message);
    const delay_ms = Math.min(
      options.fetch_ms * 2 ** Math.min(search.asked, 16),
      options.fetchMax_ms,
    );
    search.turn += 1;
    search.asked += 1;
    timers.set(`fetch ${key}`, delay_ms, () => ask(key));
    if (search.asked > HURRY_AFTER) parts.hurry();
  }

  function drop(key: string): void {
    searches.delete(key);
    timers.clear(`fetch ${key}`);
  }

  return {
    fetch(slot, block) {
      const key = candidateKey(slot, block);
      if (searches.has(key)) return;
      const message = encodeMessage({ type: 'fetch', epoch, slot, block: hexToBytes(block) });
      const turn = Math.floor(random() * Math.max(peers().length, 1));
      searches.set(key, { slot, message, turn, asked: 0 });
      timers.set(`fetch ${key}`, PATIENCE_MS, () => ask(key));
    },
    isWanted: (slot, block) => searches.has(candidateKey(slot, block)),
    got: (slot, block) => drop(candidateKey(slot, block)),
    prune(final) {
      for (const [key, { slot }] of [...searches]) if (slot <= final) drop(key);
    },
    get size() {
      return searches.size;
    },
  };
}

/** How many answers a peer may have now. */
export interface Allowance {
  take(peer: string): boolean;
  forget(peer: string): void;
}

export function createAllowance(clock: NodeClock): Allowance {
  const buckets = new Map<string, { left: number; at_ms: number }>();
  return {
    take(peer) {
      const now_ms = clock.now_ms();
      const bucket = buckets.get(peer) ?? { left: FETCHES_BURST, at_ms: now_ms };
      const passed_ms = Math.max(0, now_ms - bucket.at_ms);
      bucket.left = Math.min(FETCHES_BURST, bucket.left + (passed_ms * FETCHES_PER_S) / 1000);
      bucket.at_ms = now_ms;
      buckets.set(peer, bucket);
      if (bucket.left < 1) return false;
      bucket.left -= 1;
      return true;
    },
    forget: (peer) => void buckets.delete(peer),
  };
}
