import { systemCode } from './disk.ts';
import { DurableError } from './errors.ts';
import { encodeRecord, RECORD_HEAD_BYTES } from './format.ts';
import type { RecordFile } from './scan.ts';

/** Written and synced as one: large enough to fill a disk's queue, small enough to copy without a pause. */
export const BATCH_BYTES_MAX = 4 * 1024 * 1024;
const NOTHING = new Uint8Array(0);

/** Where records go now. */
export interface CommitTarget extends RecordFile {
  end: number;
}

export interface CommitQueueOptions {
  readonly maxQueue_bytes: number;
  /** Asked before each batch: gives the file that follows when the present one is full. */
  readonly nextTarget?: (full: CommitTarget) => Promise<CommitTarget | undefined>;
}

export interface CommitQueue {
  /** The records' offsets and files, once all are durable. All are queued, next to one another, or none. */
  append(payloads: readonly Uint8Array[]): Promise<CommittedAt[]>;
  /** Resolves when the queue is at most half full; rejects when the log has failed. */
  drained(): Promise<void>;
  /** Waits for all that was appended, closes the file. */
  close(): Promise<void>;
  readonly queued_bytes: number;
}

export interface CommittedAt {
  readonly target: CommitTarget;
  readonly offset: number;
}

interface Waiting {
  readonly payload: Uint8Array;
  readonly resolve: (at: CommittedAt) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Group commit: all that is appended while a sync runs shares the next write and sync. After any refusal of the disk the queue
 * takes nothing more: once fdatasync has failed the kernel may have dropped the pages, so trying again would acknowledge
 * records that are not there.
 */
export function createCommitQueue(first: CommitTarget, options: CommitQueueOptions): CommitQueue {
  let target = first;
  // Where the bytes that no sync covers yet begin: the batch that the next records belong to.
  let batchStart = first.end;
  let waiting: Waiting[] = [];
  let queued_bytes = 0;
  let stop: DurableError | undefined;
  let running: Promise<void> | undefined;
  let drainers: (() => void)[] = [];

  function fail(error: unknown): void {
    const reason = systemCode(error);
    stop = new DurableError(
      'durable/failed',
      `The disk refused ${target.path}${reason === '' ? '' : ` (${reason})`}. Nothing more is written to it. ${advice(reason)}`,
      { path: target.path, reason },
      error,
    );
    for (const { reject } of waiting) reject(stop);
    waiting = [];
    queued_bytes = 0;
  }

  function takeBatch(): { batch: Waiting[]; size: number } {
    let size = 0;
    let count = 0;
    for (const { payload } of waiting) {
      const next = RECORD_HEAD_BYTES + payload.length;
      if (count > 0 && size + next > BATCH_BYTES_MAX) break;
      size += next;
      count++;
    }
    return { batch: waiting.splice(0, count), size };
  }

  async function commit(): Promise<void> {
    const following = await options.nextTarget?.(target);
    if (following !== undefined) {
      target = following;
      batchStart = following.end;
    }
    const { batch, size } = takeBatch();
    const bytes = new Uint8Array(size);
    const offsets: number[] = [];
    let at = 0;
    for (const { payload } of batch) {
      const offset = target.end + at;
      encodeRecord(bytes, at, { salt: target.salt, offset, back: offset - batchStart, payload });
      offsets.push(offset);
      at += RECORD_HEAD_BYTES + payload.length;
    }
    try {
      await target.file.write(target.end, bytes);
      await target.file.dataSync();
    } catch (error) {
      waiting = [...batch, ...waiting];
      throw error;
    }
    target.end += size;
    batchStart = target.end;
    queued_bytes -= size;
    for (const [i, { resolve }] of batch.entries()) resolve({ target, offset: offsets[i]! });
  }

  function wakeDrainers(): void {
    if (drainers.length === 0) return;
    if (stop === undefined && queued_bytes > options.maxQueue_bytes / 2) return;
    const woken = drainers;
    drainers = [];
    for (const wake of woken) wake();
  }

  async function run(): Promise<void> {
    // Lets all that the current turn appends into the first batch.
    await Promise.resolve();
    try {
      while (waiting.length > 0) {
        await commit();
        wakeDrainers();
        if (waiting.length === 0) await mark();
      }
    } catch (error) {
      fail(error);
    } finally {
      running = undefined;
      wakeDrainers();
    }
  }

  // Tells a later reader that all before it was durable, so that damage to the last batch is not taken for a torn tail.
  // It costs no sync: it goes out with the next batch, or when the system writes back.
  async function mark(): Promise<void> {
    const bytes = new Uint8Array(RECORD_HEAD_BYTES);
    const { salt, end } = target;
    encodeRecord(bytes, 0, { salt, offset: end, back: end - batchStart, payload: NOTHING });
    await target.file.write(end, bytes);
    target.end += RECORD_HEAD_BYTES;
  }

  return {
    append(payloads) {
      if (stop !== undefined) return Promise.reject(stop);
      let size = 0;
      for (const { length } of payloads) {
        if (length === 0 || length > target.maxRecord_bytes) {
          return Promise.reject(badRecord(target, length));
        }
        size += RECORD_HEAD_BYTES + length;
      }
      if (queued_bytes > 0 && queued_bytes + size > options.maxQueue_bytes) {
        return Promise.reject(queueFull(target.path, queued_bytes));
      }
      queued_bytes += size;
      const committed = payloads.map(
        (payload) =>
          new Promise<CommittedAt>((resolve, reject) => {
            waiting.push({ payload, resolve, reject });
          }),
      );
      running ??= run();
      return Promise.all(committed);
    },
    async drained() {
      while (stop === undefined && queued_bytes > options.maxQueue_bytes / 2) {
        await new Promise<void>((wake) => drainers.push(wake));
      }
      if (stop !== undefined) throw stop;
    },
    async close() {
      const failed = stop;
      stop ??= new DurableError('durable/closed', `${first.path} was closed.`, {
        path: first.path,
      });
      if (failed?.code === 'durable/closed') return;
      await running;
      try {
        if (failed === undefined && stop.code === 'durable/closed') await target.file.dataSync();
      } finally {
        await target.file.close();
      }
    },
    get queued_bytes() {
      return queued_bytes;
    },
  };
}

function advice(reason: string): string {
  if (reason === 'ENOSPC' || reason === 'EDQUOT') return 'Free space on the disk and start again.';
  return 'Check the disk and start again.';
}

function badRecord(target: CommitTarget, length: number): DurableError {
  return new DurableError(
    'durable/bad-record',
    `A record of ${length} bytes cannot be written: it must have 1 to ${target.maxRecord_bytes}.`,
    { path: target.path, length },
  );
}

function queueFull(path: string, queued_bytes: number): DurableError {
  return new DurableError(
    'durable/queue-full',
    `${queued_bytes} bytes already wait for ${path}. Wait for drained() and append again.`,
    { path, queued_bytes },
  );
}
