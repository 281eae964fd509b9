// The write-ahead log of a validator's epoch. Segments go when nothing in them is needed any more; what little is still needed of an old
// one is written again first, so the disk holds about twice what is alive.

import { AppError } from '@suyuan/contracts';
import {
  type DiskPort,
  openSegmentedLog,
  type SegmentedLog,
  type TailNotice,
} from '@suyuan/durable';
import { PROPOSAL_SIZE_BYTES_MAX } from '../messages/limits.ts';
import { decodeEntry, type Entry, encodeEntry, isReleased } from './journal-record.ts';
import { createLiveRecords, type LiveRecords } from './live-records.ts';
import type { Journal, JournalRecord } from './port.ts';

export interface JournalOptions {
  readonly disk: DiskPort;
  readonly directory: string;
  /** Told of records that a crash cut off. They were never acknowledged. */
  readonly onTail?: (notice: TailNotice) => void;
  /** What is kept at most, on disk and in memory: many times the blocks that may wait for their Final certificate. */
  readonly maxLive_bytes?: number;
  /** About the size of one file. */
  readonly segment_bytes?: number;
}

const LIVE_BYTES_MAX = 512 * 1024 * 1024;
const SEGMENT_BYTES = 16 * 1024 * 1024;
/** A message and what stands around it. */
const RECORD_BYTES_MAX = PROPOSAL_SIZE_BYTES_MAX + 64;

/** Throws `durable/damaged` when what was kept cannot be read, `consensus/journal-foreign` when another program wrote it: the node must not vote. */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const { maxLive_bytes = LIVE_BYTES_MAX, segment_bytes = SEGMENT_BYTES } = options;
  const live = createLiveRecords();
  const log = await openLog(options, segment_bytes, live);
  let nextNumber = live.nextNumber;
  let waiting_bytes = 0;
  let releaseWaits = false;
  let tidying: Promise<void> | undefined;
  /** The segment that was written when each append under way began: its records lie there or later. */
  const writingFrom = new Set<{ readonly segment: number }>();

  async function write(entries: readonly NumberedRecord[]): Promise<void> {
    const from = { segment: log.segments().at(-1) ?? 0 };
    writingFrom.add(from);
    try {
      const mark = releaseMark();
      const places = await log.appendMany([...mark, ...entries].map(encodeEntry));
      for (const [i, { number, record }] of entries.entries()) {
        live.put(number, record, places[mark.length + i]!.segment);
      }
    } finally {
      writingFrom.delete(from);
    }
  }

  /** A release only saves work after a restart, so it can wait for a sync that is due anyway. */
  function releaseMark(): Entry[] {
    const to = live.released();
    if (!releaseWaits || to === null) return [];
    releaseWaits = false;
    return [{ type: 'released', to }];
  }

  async function drop(): Promise<void> {
    const needed = [live.oldestSegment(), ...[...writingFrom].map(({ segment }) => segment)];
    const segment = Math.min(...needed.map((of) => of ?? Number.POSITIVE_INFINITY));
    await log.dropBefore({ segment, offset: 0 });
  }

  async function tidy(): Promise<void> {
    await drop();
    const [oldest = 0, ...later] = log.segments();
    if (later.length < 2 + 2 * Math.ceil(live.size_bytes / segment_bytes)) return;
    // Only one a call: the next commit goes on.
    await write(
      live.inSegment(oldest).map(({ number, record }) => ({ type: 'record', number, record })),
    );
    await drop();
  }

  return {
    records: (epoch) => live.of(epoch),
    async append(records) {
      const entries: NumberedRecord[] = [];
      let size_bytes = 0;
      for (const record of records) {
        if (isReleased(live.released(), record)) continue;
        size_bytes += record.message.length;
        entries.push({ type: 'record', number: nextNumber + entries.length, record });
      }
      if (entries.length === 0) return;
      if (live.size_bytes + waiting_bytes + size_bytes > maxLive_bytes) {
        throw journalFull(options.directory, live.size_bytes + waiting_bytes);
      }
      nextNumber += entries.length;
      waiting_bytes += size_bytes;
      try {
        await write(entries);
      } finally {
        waiting_bytes -= size_bytes;
      }
    },
    async release(epoch, slot) {
      if (!live.release({ epoch, slot })) return;
      releaseWaits = true;
      tidying ??= tidy().finally(() => {
        tidying = undefined;
      });
      await tidying;
    },
    async close() {
      await tidying?.catch(() => {});
      if (releaseWaits) await write([]).catch(() => {});
      await log.close();
    },
  };
}

type NumberedRecord = Extract<Entry, { type: 'record' }> & { readonly record: JournalRecord };

function openLog(
  options: JournalOptions,
  segment_bytes: number,
  live: LiveRecords,
): Promise<SegmentedLog> {
  const { disk, directory, onTail = () => {} } = options;
  return openSegmentedLog(
    {
      directory,
      disk,
      onTail,
      segment_bytes,
      maxRecord_bytes: RECORD_BYTES_MAX,
      // Never the first to refuse: what is kept is bounded before it is queued.
      maxQueue_bytes: Number.MAX_SAFE_INTEGER,
    },
    (bytes, { segment }) => {
      const entry = readEntry(directory, bytes);
      if (entry.type === 'released') live.release(entry.to);
      else live.put(entry.number, entry.record, segment);
    },
  );
}

function readEntry(directory: string, bytes: Uint8Array): Entry {
  let cause: unknown;
  try {
    const entry = decodeEntry(bytes);
    if (entry !== undefined) return entry;
  } catch (error) {
    cause = error;
  }
  throw new AppError(
    'consensus/journal-foreign',
    `The journal in ${directory} holds a record that this program does not know. Start the program that wrote it.`,
    { directory },
    cause,
  );
}

function journalFull(directory: string, size_bytes: number): AppError {
  return new AppError(
    'consensus/journal-full',
    `The journal in ${directory} keeps ${size_bytes} bytes of blocks that are not final, and takes no more. Find out why the validators do not agree.`,
    { directory, size_bytes },
  );
}
