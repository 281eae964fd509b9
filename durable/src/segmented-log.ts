import { join } from 'node:path';
import { type CommitTarget, createCommitQueue } from './commit-queue.ts';
import type { DiskPort } from './disk.ts';
import { DurableError } from './errors.ts';
import { decodeFileHeader, FILE_HEADER_BYTES } from './format.ts';
import { nodeDisk } from './node-disk.ts';
import {
  createRecordFile,
  type FileOptions,
  type OpenedFile,
  openRecordFile,
  type TailNotice,
} from './record-file.ts';
import { QUEUE_BYTES_MAX } from './record-log.ts';
import { damaged, type OnRecord, type RecordFile, readRecord } from './scan.ts';

/** A record's place: the number of its segment, from 0, and the offset in it. */
export interface SegmentPosition {
  readonly segment: number;
  readonly offset: number;
}

export interface SegmentedLogOptions {
  readonly directory: string;
  readonly maxRecord_bytes: number;
  /** A segment that has reached this size is finished and the next one begun. */
  readonly segment_bytes?: number;
  readonly maxQueue_bytes?: number;
  /** Start reading at this record; segments before its segment are not opened. */
  readonly from?: SegmentPosition;
  readonly disk?: DiskPort;
  readonly onTail?: (notice: TailNotice) => void;
  /** Told when a segment is full and durable and the one with this number begins. Appends wait for it. */
  readonly onRoll?: (segment: number) => void | Promise<void>;
}

export interface SegmentedLog {
  /** Resolves with the record's position once it is durable. Rejects with a `durable/*` DurableError. */
  append(payload: Uint8Array): Promise<SegmentPosition>;
  appendMany(payloads: readonly Uint8Array[]): Promise<SegmentPosition[]>;
  read(position: SegmentPosition): Promise<Uint8Array>;
  /** Removes the segments that lie wholly before `position`. The one being written always stays. */
  dropBefore(position: SegmentPosition): Promise<void>;
  /** Numbers of the segments on disk, ascending. */
  segments(): readonly number[];
  drained(): Promise<void>;
  close(): Promise<void>;
  readonly directory: string;
  readonly queued_bytes: number;
}

const SEGMENT_BYTES = 64 * 1024 * 1024;
const NAME = /^([0-9]{10})\.log$/;

/** -1, 0 or 1. */
export function comparePositions(a: SegmentPosition, b: SegmentPosition): number {
  return Math.sign(a.segment - b.segment || a.offset - b.offset);
}

/**
 * A log in files of about `segment_bytes` each, so that its beginning can be dropped. Otherwise as `openRecordLog`. A missing
 * segment, or a torn one that is not the last, is `durable/damaged`.
 */
export async function openSegmentedLog(
  options: SegmentedLogOptions,
  onRecord: OnRecord<SegmentPosition>,
): Promise<SegmentedLog> {
  const { directory, segment_bytes = SEGMENT_BYTES } = options;
  const disk = options.disk ?? nodeDisk;
  const fileOptions: FileOptions = {
    disk,
    maxRecord_bytes: options.maxRecord_bytes,
    onTail: options.onTail ?? (() => {}),
  };
  const pathOf = (segment: number) =>
    join(directory, `${segment.toString().padStart(10, '0')}.log`);
  await disk.makeDirectory(directory);
  const numbers = (await disk.list(directory)).flatMap((name) => NAME.exec(name)?.[1] ?? []);
  const present = numbers.map(Number);
  assertComplete(directory, present, options.from);

  let current: OpenedFile | undefined;
  for (const [i, segment] of present.entries()) {
    if (options.from !== undefined && segment < options.from.segment) continue;
    const from = segment === options.from?.segment ? options.from.offset : undefined;
    const last = i === present.length - 1;
    const opened = await openRecordFile(
      pathOf(segment),
      { ...fileOptions, last, from },
      (payload, offset) => onRecord(payload, { segment, offset }),
    );
    if (last) current = opened;
    else await opened.file.close();
  }
  let active = present.at(-1) ?? 0;
  if (current === undefined) {
    current = await createRecordFile(pathOf(active), fileOptions);
    present.push(active);
  }
  const first: CommitTarget = { ...current };
  const segmentOf = new WeakMap<RecordFile, number>([[first, active]]);
  const reading = new Set<Promise<unknown>>();
  let activeFile: RecordFile = first;

  const queue = createCommitQueue(first, {
    maxQueue_bytes: options.maxQueue_bytes ?? QUEUE_BYTES_MAX,
    async nextTarget(full) {
      if (full.end < segment_bytes) return undefined;
      // The next file says that this one is whole, so its last mark must be durable first.
      await full.file.dataSync();
      const target: CommitTarget = {
        ...(await createRecordFile(pathOf(active + 1), fileOptions)),
      };
      active += 1;
      present.push(active);
      segmentOf.set(target, active);
      activeFile = target;
      await Promise.allSettled(reading);
      await full.file.close();
      await options.onRoll?.(active);
      return target;
    },
  });

  async function appendMany(payloads: readonly Uint8Array[]): Promise<SegmentPosition[]> {
    const committed = await queue.append(payloads);
    return committed.map(({ target, offset }) => ({ segment: segmentOf.get(target)!, offset }));
  }

  return {
    directory,
    append: async (payload) => (await appendMany([payload]))[0]!,
    appendMany,
    async read({ segment, offset }) {
      if (segment === active) {
        const read = readRecord(activeFile, offset);
        reading.add(read);
        return read.finally(() => reading.delete(read));
      }
      if (!present.includes(segment)) throw missing(directory, segment);
      return readClosed(pathOf(segment), fileOptions, offset);
    },
    async dropBefore(position) {
      while (present.length > 1 && present[0]! < Math.min(position.segment, active)) {
        await disk.remove(pathOf(present[0]!));
        await disk.syncDirectory(directory);
        present.shift();
      }
    },
    segments: () => [...present],
    drained: queue.drained,
    close: queue.close,
    get queued_bytes() {
      return queue.queued_bytes;
    },
  };
}

async function readClosed(path: string, options: FileOptions, offset: number): Promise<Uint8Array> {
  const file = await options.disk.open(path, 'existing');
  try {
    const salt = decodeFileHeader(await file.read(0, FILE_HEADER_BYTES), path);
    if (salt === undefined) throw damaged(path, 0);
    return await readRecord({ path, file, salt, maxRecord_bytes: options.maxRecord_bytes }, offset);
  } finally {
    await file.close();
  }
}

function assertComplete(
  directory: string,
  present: readonly number[],
  from: SegmentPosition | undefined,
): void {
  for (const [i, segment] of present.entries()) {
    if (i > 0 && segment !== present[i - 1]! + 1) throw missing(directory, present[i - 1]! + 1);
  }
  if (from !== undefined && !present.includes(from.segment)) {
    throw missing(directory, from.segment);
  }
}

function missing(directory: string, segment: number): DurableError {
  return new DurableError(
    'durable/damaged',
    `Segment ${segment} is missing from ${directory}. Nothing was changed. Put it back from a copy.`,
    { path: directory, segment },
  );
}
