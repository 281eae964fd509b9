// What the journal still has to keep, and in which segment each record lies.

import { isReleased, type Released } from './journal-record.ts';
import type { JournalRecord } from './port.ts';

export interface LiveRecord {
  /** Of its kind once for ever: the order in which records were kept. */
  readonly number: number;
  readonly record: JournalRecord;
  segment: number;
}

export interface LiveRecords {
  /** Enters a durable record, or that a record lies in a later segment now. Nothing if it is released. */
  put(number: number, record: JournalRecord, segment: number): void;
  /** False if so much was released before. */
  release(to: Released): boolean;
  released(): Released | null;
  of(epoch: number): JournalRecord[];
  inSegment(segment: number): LiveRecord[];
  /** The oldest segment with something to keep in it; undefined when nothing is kept. */
  oldestSegment(): number | undefined;
  /** Greater than any that was entered. */
  readonly nextNumber: number;
  /** Of the messages kept. */
  readonly size_bytes: number;
}

export function createLiveRecords(): LiveRecords {
  const live = new Map<number, LiveRecord>();
  let released: Released | null = null;
  let nextNumber = 0;
  let size_bytes = 0;

  return {
    put(number, record, segment) {
      nextNumber = Math.max(nextNumber, number + 1);
      if (isReleased(released, record)) return;
      const known = live.get(number);
      if (known !== undefined) {
        known.segment = Math.max(known.segment, segment);
        return;
      }
      live.set(number, { number, record, segment });
      size_bytes += record.message.length;
    },
    release(to) {
      if (isReleased(released, to)) return false;
      released = { epoch: to.epoch, slot: to.slot };
      for (const [number, { record }] of live) {
        if (!isReleased(released, record)) continue;
        live.delete(number);
        size_bytes -= record.message.length;
      }
      return true;
    },
    released: () => released,
    of: (epoch) =>
      [...live.values()]
        .filter(({ record }) => record.epoch === epoch)
        .sort((a, b) => a.number - b.number)
        .map(({ record }) => record),
    inSegment: (wanted) => [...live.values()].filter(({ segment }) => segment === wanted),
    oldestSegment() {
      let oldest: number | undefined;
      for (const { segment } of live.values()) {
        if (oldest === undefined || segment < oldest) oldest = segment;
      }
      return oldest;
    },
    get nextNumber() {
      return nextNumber;
    },
    get size_bytes() {
      return size_bytes;
    },
  };
}
