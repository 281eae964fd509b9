// Packs on their way out: durable, in order of signing, each leaving when the broker has acknowledged it.

import { AppError } from '@suyuan/contracts';
import type { SegmentPosition } from '@suyuan/durable';
import type { DeviceJournal, PackNumber } from './journal.ts';

/** A pack in the outbox; `ordinal` grows by one a pack for the life of the process. */
export interface OutboxEntry extends PackNumber {
  readonly ordinal: number;
}

export interface Outbox {
  /** The oldest entry after `ordinal` that is durable and not acknowledged. */
  nextAfter(ordinal: number): OutboxEntry | undefined;
  bytesOf(entry: OutboxEntry): Promise<Uint8Array>;
  /** The broker has it. Twice is once. */
  acknowledge(entry: OutboxEntry): void;
  /** Calls `listener` whenever there may be something new to send; returns the function that stops it. */
  subscribe(listener: () => void): () => void;
  /**
   * Resolves once fewer than `count` packs wait, or when `signal` aborts; rejects when the journal failed or the device was
   * closed.
   */
  below(count: number, signal?: AbortSignal): Promise<void>;
  /** Packs signed and not acknowledged. */
  readonly waiting: number;
}

interface Held extends OutboxEntry {
  position: SegmentPosition | undefined;
  /** Kept while the outbox is short; a long backlog is read back from the journal. */
  bytes: Uint8Array | undefined;
  /** Stays until all before it are acknowledged as well, so that a mark can name it. */
  acked: boolean;
}

/** Packs whose bytes are held in memory: enough for any sending window. */
const BYTES_HELD_MAX = 256;

export interface OutboxKeeper extends Outbox {
  /** Journals a signed pack; resolves once it is durable. */
  add(number: PackNumber, bytes: Uint8Array): Promise<void>;
  /** Resolves once all marks are durable and nothing is being written. */
  settle(): Promise<void>;
  /** Wakes everybody who waits in `below`. */
  shut(error: unknown): void;
  readonly acknowledged: number;
}

export function createOutbox(journal: DeviceJournal): OutboxKeeper {
  const held = new Map<number, Held>();
  const listeners = new Set<() => void>();
  let waiters: { count: number; resolve: () => void; reject: (error: unknown) => void }[] = [];
  let head = 0;
  let next = 0;
  let waiting = 0;
  let acknowledged = 0;
  let inMemory = 0;
  let closed: { error: unknown } | undefined;
  let lastPosition: SegmentPosition | undefined;
  let unmarked: PackNumber | undefined;
  let marking: Promise<void> | undefined;

  for (const pack of journal.found.pending) {
    held.set(next, { ...pack, ordinal: next, bytes: undefined, acked: false });
    lastPosition = pack.position;
    next += 1;
    waiting += 1;
  }

  const wake = (): void => {
    for (const listener of listeners) listener();
  };

  const release = (): void => {
    const ready = waiters.filter(({ count }) => waiting < count);
    waiters = waiters.filter(({ count }) => waiting >= count);
    for (const { resolve } of ready) resolve();
  };

  const shut = (error: unknown): void => {
    closed ??= { error };
    for (const { reject } of waiters) reject(closed.error);
    waiters = [];
    wake();
  };

  // One mark is written at a time: those that fall due meanwhile become one.
  const mark = (): void => {
    if (unmarked === undefined || marking !== undefined || closed !== undefined) return;
    const due = unmarked;
    unmarked = undefined;
    marking = writeMark(due)
      .catch(shut)
      .finally(() => {
        marking = undefined;
        mark();
      });
  };

  const writeMark = async (due: PackNumber): Promise<void> => {
    await journal.appendMark(due);
    // The last pack stays even when acknowledged: the chain goes on from it.
    const keep = held.get(head)?.position ?? lastPosition;
    if (keep !== undefined) await journal.compact(keep);
  };

  return {
    get waiting() {
      return waiting;
    },
    get acknowledged() {
      return acknowledged;
    },
    nextAfter: (ordinal) => {
      for (let at = Math.max(head, ordinal + 1); at < next; at++) {
        const entry = held.get(at);
        if (entry === undefined || entry.acked) continue;
        // Later packs are not sent before this one is durable: the broker sees the order of signing.
        return entry.position === undefined ? undefined : entry;
      }
      return undefined;
    },
    bytesOf: async (entry) => {
      const found = held.get(entry.ordinal);
      if (found?.bytes !== undefined) return found.bytes;
      if (found?.position === undefined || found.acked) {
        throw new AppError('device/not-waiting', 'the pack is acknowledged already; send the next');
      }
      return journal.readPack(found.position);
    },
    acknowledge: (entry) => {
      const found = held.get(entry.ordinal);
      if (found === undefined || found.acked) return;
      found.acked = true;
      if (found.bytes !== undefined) inMemory -= 1;
      found.bytes = undefined;
      waiting -= 1;
      acknowledged += 1;
      for (let first = held.get(head); first?.acked === true; first = held.get(head)) {
        held.delete(head);
        head += 1;
        unmarked = first;
      }
      mark();
      release();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    below: (count, signal) =>
      new Promise((resolve, reject) => {
        if (closed !== undefined) return reject(closed.error);
        if (waiting < count || signal?.aborted === true) return resolve();
        const stop = (): void => {
          waiters = waiters.filter((other) => other !== waiter);
          resolve();
        };
        const waiter = {
          count,
          resolve: () => {
            signal?.removeEventListener('abort', stop);
            resolve();
          },
          reject: (error: unknown) => {
            signal?.removeEventListener('abort', stop);
            reject(error);
          },
        };
        waiters.push(waiter);
        signal?.addEventListener('abort', stop, { once: true });
      }),
    add: async (number, bytes) => {
      const entry: Held = {
        ...number,
        ordinal: next,
        position: undefined,
        bytes: undefined,
        acked: false,
      };
      next += 1;
      waiting += 1;
      if (inMemory < BYTES_HELD_MAX) {
        entry.bytes = bytes;
        inMemory += 1;
      }
      held.set(entry.ordinal, entry);
      try {
        entry.position = await journal.appendPack(bytes);
      } catch (error) {
        shut(error);
        throw error;
      }
      lastPosition = entry.position;
      wake();
    },
    settle: async () => {
      while (marking !== undefined) await marking;
    },
    shut,
  };
}
