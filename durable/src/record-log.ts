import { dirname } from 'node:path';
import { createCommitQueue } from './commit-queue.ts';
import type { DiskPort } from './disk.ts';
import { nodeDisk } from './node-disk.ts';
import { openOrCreate, type TailNotice } from './record-file.ts';
import { type OnRecord, readRecord, readRecordNow } from './scan.ts';

export const QUEUE_BYTES_MAX = 64 * 1024 * 1024;

export interface RecordLogOptions {
  readonly path: string;
  /** Longest record taken; 2^31 − 1 at most. */
  readonly maxRecord_bytes: number;
  /** More than this waiting for the disk is refused with `durable/queue-full`. */
  readonly maxQueue_bytes?: number;
  /** Start reading at this record instead of at the beginning; what is before it is not checked. */
  readonly from?: number;
  readonly disk?: DiskPort;
  readonly onTail?: (notice: TailNotice) => void;
}

/** Positions are byte offsets, growing. */
export interface RecordLog {
  /** Resolves with the record's position once it is durable. Rejects with a `durable/*` DurableError. */
  append(payload: Uint8Array): Promise<number>;
  /** One after another and nothing between; each record stands or falls alone in a crash, but none without those before it. */
  appendMany(payloads: readonly Uint8Array[]): Promise<number[]>;
  read(position: number): Promise<Uint8Array>;
  /** As `read`, holding the thread for the time of the disk. */
  readNow(position: number): Uint8Array;
  /** Resolves when there is room for more; rejects when the disk refused. */
  drained(): Promise<void>;
  close(): Promise<void>;
  readonly path: string;
  readonly queued_bytes: number;
}

/**
 * Opens a log, or makes it, and hands each record to `onRecord`, in order. A torn tail is cut off and told to `onTail`.
 * Throws `durable/damaged` when bytes that were durable cannot be read; the file is left as it is. The caller holds the lock.
 */
export async function openRecordLog(
  options: RecordLogOptions,
  onRecord: OnRecord<number>,
): Promise<RecordLog> {
  const disk = options.disk ?? nodeDisk;
  await disk.makeDirectory(dirname(options.path));
  const opened = await openOrCreate(
    options.path,
    {
      disk,
      maxRecord_bytes: options.maxRecord_bytes,
      onTail: options.onTail ?? (() => {}),
      from: options.from,
    },
    onRecord,
  );
  const queue = createCommitQueue(
    { ...opened },
    { maxQueue_bytes: options.maxQueue_bytes ?? QUEUE_BYTES_MAX },
  );
  async function appendMany(payloads: readonly Uint8Array[]): Promise<number[]> {
    return (await queue.append(payloads)).map(({ offset }) => offset);
  }
  return {
    path: options.path,
    append: async (payload) => (await appendMany([payload]))[0]!,
    appendMany,
    read: (position) => readRecord(opened, position),
    readNow: (position) => readRecordNow(opened, position),
    drained: queue.drained,
    close: queue.close,
    get queued_bytes() {
      return queue.queued_bytes;
    },
  };
}
