import { crc32c } from './crc32c.ts';
import type { DiskFile } from './disk.ts';
import { DurableError } from './errors.ts';
import {
  decodeRecordHead,
  FILE_HEADER_BYTES,
  RECORD_HEAD_BYTES,
  type RecordHead,
} from './format.ts';

const CHUNK_BYTES = 1024 * 1024;

/** A file whose header was read. */
export interface RecordFile {
  readonly path: string;
  readonly file: DiskFile;
  readonly salt: number;
  readonly maxRecord_bytes: number;
}

export interface ScanResult {
  /** Where the next record goes: the end of the last good record. */
  readonly end: number;
  /** Size of the file; more than `end` when a torn tail follows. */
  readonly size: number;
  /** Where the last good record's batch begins, `end` when no record was read: what lies before it was synced. */
  readonly batch: number;
}

/** A record with its offset. The payload is a view of a read buffer: copy it to keep it for long. */
export type OnRecord<Position> = (payload: Uint8Array, position: Position) => void | Promise<void>;

/**
 * Reads every record from offset `from` on. What cannot be read is a torn tail when no record of a later write batch follows
 * it (then nothing in it was ever acknowledged); otherwise it was durable once, and `durable/damaged` is thrown.
 */
export async function scanRecords(
  target: RecordFile,
  from: number,
  onRecord: OnRecord<number>,
): Promise<ScanResult> {
  const size = await target.file.size();
  if (from > size) throw damaged(target.path, size);
  const read = chunkReader(target.file, size);
  let offset = from;
  let batch = from;
  while (offset < size) {
    const record = await readOne(target, read, offset, size);
    if (record === undefined) {
      const later = await findLaterBatch(target, read, offset, size);
      if (later !== undefined) throw damaged(target.path, offset, later);
      return { end: offset, size, batch };
    }
    const { payload } = record;
    if (payload.length > 0) {
      const wait = onRecord(payload, offset);
      if (wait !== undefined) await wait;
    }
    batch = offset - record.back;
    offset += RECORD_HEAD_BYTES + payload.length;
  }
  return { end: offset, size, batch };
}

/** The payload of the record at `offset`. Throws `durable/no-record` or `durable/damaged`. */
export async function readRecord(target: RecordFile, offset: number): Promise<Uint8Array> {
  assertOffset(target, offset);
  const head = headAt(target, offset, await target.file.read(offset, RECORD_HEAD_BYTES));
  return checked(
    target,
    offset,
    head,
    await target.file.read(offset + RECORD_HEAD_BYTES, head.length),
  );
}

/** As `readRecord`, holding the thread. */
export function readRecordNow(target: RecordFile, offset: number): Uint8Array {
  assertOffset(target, offset);
  const head = headAt(target, offset, target.file.readNow(offset, RECORD_HEAD_BYTES));
  return checked(
    target,
    offset,
    head,
    target.file.readNow(offset + RECORD_HEAD_BYTES, head.length),
  );
}

function assertOffset({ path }: RecordFile, offset: number): void {
  if (!Number.isSafeInteger(offset) || offset < FILE_HEADER_BYTES) throw noRecord(path, offset);
}

function headAt(target: RecordFile, offset: number, bytes: Uint8Array): RecordHead {
  if (bytes.length < RECORD_HEAD_BYTES) throw noRecord(target.path, offset);
  const head = decodeRecordHead(bytes, 0, target.salt, offset);
  if (head === undefined || head.length > target.maxRecord_bytes) {
    throw noRecord(target.path, offset);
  }
  return head;
}

function checked(
  target: RecordFile,
  offset: number,
  head: RecordHead,
  payload: Uint8Array,
): Uint8Array {
  if (payload.length < head.length || crc32c(payload) !== head.payloadCrc) {
    throw damaged(target.path, offset);
  }
  return payload;
}

type ChunkReader = (offset: number, length: number) => Promise<Uint8Array>;

/** Serves small reads out of large ones. Each chunk is a new buffer, so views of it stay as they are. */
function chunkReader(file: DiskFile, size: number): ChunkReader {
  let start = 0;
  let chunk: Uint8Array = new Uint8Array(0);
  return async (offset, length) => {
    if (offset < start || offset + length > start + chunk.length) {
      start = offset;
      chunk = await file.read(offset, Math.min(size - offset, Math.max(length, CHUNK_BYTES)));
    }
    return chunk.subarray(offset - start, offset - start + length);
  };
}

async function readOne(
  target: RecordFile,
  read: ChunkReader,
  offset: number,
  size: number,
): Promise<{ payload: Uint8Array; back: number } | undefined> {
  if (offset + RECORD_HEAD_BYTES > size) return undefined;
  const head = await read(offset, RECORD_HEAD_BYTES);
  if (head.length < RECORD_HEAD_BYTES) return undefined;
  const fields = decodeRecordHead(head, 0, target.salt, offset);
  if (fields === undefined) return undefined;
  if (fields.length > target.maxRecord_bytes) {
    throw new DurableError(
      'durable/foreign-file',
      `${target.path} holds a record of ${fields.length} bytes at byte ${offset}, this program takes at most ${target.maxRecord_bytes}. Start the program with the limit it was written with.`,
      { path: target.path, offset, length: fields.length },
    );
  }
  if (offset + RECORD_HEAD_BYTES + fields.length > size) return undefined;
  const payload = await read(offset + RECORD_HEAD_BYTES, fields.length);
  return crc32c(payload) === fields.payloadCrc ? { payload, back: fields.back } : undefined;
}

/** The offset of a record after `damage` whose batch began after it, if there is one. */
async function findLaterBatch(
  target: RecordFile,
  read: ChunkReader,
  damage: number,
  size: number,
): Promise<number | undefined> {
  for (let at = damage + 1; at + RECORD_HEAD_BYTES <= size; ) {
    const chunk = await read(at, Math.min(CHUNK_BYTES, size - at));
    const stop = chunk.length - RECORD_HEAD_BYTES;
    for (let i = 0; i <= stop; i++) {
      const head = decodeRecordHead(chunk, i, target.salt, at + i);
      if (head !== undefined && at + i - head.back > damage) return at + i;
    }
    if (stop < 0) return undefined;
    at += stop + 1;
  }
  return undefined;
}

export function damaged(path: string, offset: number, later?: number): DurableError {
  const proof = later === undefined ? '' : ` (byte ${later} was written after it was safe)`;
  return new DurableError(
    'durable/damaged',
    `${path} is damaged at byte ${offset}${proof}. Nothing was changed. Put back this file from a copy or from another node, and check the disk.`,
    { path, offset },
  );
}

function noRecord(path: string, offset: number): DurableError {
  return new DurableError('durable/no-record', `${path} has no record at byte ${offset}.`, {
    path,
    offset,
  });
}
