// What is known of each peer's log, and which of them to ask next. What a peer claims costs nothing: it is asked one range at a time,
// and one that does not deliver is asked later and later.

import type { NodeClock } from '../../engine/clock.ts';
import type { Peer } from '../transport/port.ts';
import type { SyncLimits } from './limits.ts';
import type { StatusMessage } from './messages.ts';

export interface PeerEntry {
  readonly peer: Peer;
  /** Its last word; lowered where its answers show that it was none. */
  height: number;
  base: number;
  /** Answers in a row that brought nothing. */
  failures: number;
  /** Ends its rest; undefined while it may be asked. Timers, not times: a clock that is set back must not prolong it. */
  stopRest: (() => void) | undefined;
}

export interface PeerBook {
  add(peer: Peer): void;
  remove(id: string): void;
  get(id: string): PeerEntry | undefined;
  heard(id: string, status: StatusMessage): void;
  /** The greatest height that a peer claims. */
  highest(): number;
  /** Somebody who claims to have the block `from` and may be asked now. */
  choose(from: number): PeerEntry | undefined;
  /** It did not deliver: it rests for a growing time. */
  failed(entry: PeerEntry): void;
  /** It sent what is wrong. */
  distrust(entry: PeerEntry): void;
  succeeded(entry: PeerEntry): void;
  stop(): void;
}

const DOUBLINGS_MAX = 16;

export function createPeerBook(parts: {
  readonly clock: NodeClock;
  readonly random: () => number;
  readonly limits: SyncLimits;
  /** A peer may be asked again. */
  readonly onRested: () => void;
}): PeerBook {
  const { clock, random, limits, onRested } = parts;
  const entries = new Map<string, PeerEntry>();

  function rest(entry: PeerEntry, delay_ms: number): void {
    entry.failures = Math.min(entry.failures + 1, DOUBLINGS_MAX);
    if (entries.get(entry.peer.id) !== entry) return;
    entry.stopRest?.();
    entry.stopRest = clock.setTimer(() => {
      entry.stopRest = undefined;
      onRested();
    }, delay_ms);
  }

  return {
    add(peer) {
      entries.get(peer.id)?.stopRest?.();
      entries.set(peer.id, { peer, height: 0, base: 0, failures: 0, stopRest: undefined });
    },
    remove(id) {
      entries.get(id)?.stopRest?.();
      entries.delete(id);
    },
    get: (id) => entries.get(id),
    heard(id, { height, base }) {
      const entry = entries.get(id);
      if (entry === undefined) return;
      entry.height = height;
      entry.base = base;
    },
    highest: () => Math.max(0, ...[...entries.values()].map(({ height }) => height)),
    choose(from) {
      const ready = [...entries.values()].filter(
        (entry) => entry.height >= from && entry.base < from && entry.stopRest === undefined,
      );
      const fewest = Math.min(...ready.map(({ failures }) => failures));
      const best = ready.filter(({ failures }) => failures === fewest);
      return best[Math.floor(random() * best.length)];
    },
    failed: (entry) => rest(entry, answerTime_ms(entry, limits)),
    distrust: (entry) => rest(entry, limits.distrust_ms),
    succeeded(entry) {
      entry.failures = 0;
    },
    stop() {
      for (const { stopRest } of entries.values()) stopRest?.();
      entries.clear();
    },
  };
}

/** How long the next answer of this peer may take. */
export function answerTime_ms({ failures }: PeerEntry, limits: SyncLimits): number {
  return Math.min(limits.answer_ms * 2 ** failures, limits.answerMax_ms);
}
