import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { type DiskFile, type DiskPort, systemCode } from './disk.ts';
import { DurableError } from './errors.ts';
import { decodeFileHeader, encodeFileHeader, FILE_HEADER_BYTES } from './format.ts';
import { type OnRecord, type RecordFile, scanRecords } from './scan.ts';

/** Told of a torn tail that was cut off: none of it was acknowledged. */
export interface TailNotice {
  readonly path: string;
  readonly offset: number;
  readonly dropped_bytes: number;
}

export interface FileOptions {
  readonly disk: DiskPort;
  readonly maxRecord_bytes: number;
  readonly onTail: (notice: TailNotice) => void;
}

/** A record file with the offset at which the next record goes. */
export interface OpenedFile extends RecordFile {
  readonly end: number;
}

/** Makes a record file with nothing in it; durable on return, name included. Fails if the file is there. */
export async function createRecordFile(path: string, options: FileOptions): Promise<OpenedFile> {
  const file = await options.disk.open(path, 'create');
  const salt = await writeHeader(file);
  await options.disk.syncDirectory(dirname(path));
  return {
    path,
    file,
    salt,
    maxRecord_bytes: options.maxRecord_bytes,
    end: FILE_HEADER_BYTES,
  };
}

/**
 * Opens a record file and reads it from `from`. `last` says whether a torn tail may be cut off; in a file that others were
 * written after, it is damage. All that `onRecord` was shown is durable on return.
 */
export async function openRecordFile(
  path: string,
  options: FileOptions & { readonly last: boolean; readonly from?: number | undefined },
  onRecord: OnRecord<number>,
): Promise<OpenedFile> {
  const { disk, maxRecord_bytes, last } = options;
  const file = await disk.open(path, 'existing');
  try {
    const header = await file.read(0, FILE_HEADER_BYTES);
    let salt = decodeFileHeader(header, path);
    if (salt === undefined) {
      const size = await file.size();
      // Records are written only after the header is durable, so a file this short never had any.
      if (!last || size > FILE_HEADER_BYTES) throw foreign(path);
      if (size > 0) options.onTail({ path, offset: 0, dropped_bytes: size });
      salt = await writeHeader(file);
    }
    const target: RecordFile = { path, file, salt, maxRecord_bytes };
    const from = Math.max(options.from ?? 0, FILE_HEADER_BYTES);
    const { end, size, batch } = await scanRecords(target, from, onRecord);
    if (end < size) {
      if (!last) throw damagedMiddle(path, end);
      await file.truncate(end);
      options.onTail({ path, offset: end, dropped_bytes: size - end });
    }
    // A killed process leaves in the system's cache what was never synced, and it is about to be acted on. If a sync of it has
    // failed the system takes it for written, and only writes it when it is written again.
    if (last) await writeAgain(file, batch > FILE_HEADER_BYTES ? batch : 0, end);
    await file.dataSync();
    if (last) await disk.syncDirectory(dirname(path));
    return { ...target, end };
  } catch (error) {
    await file.close().catch(() => {});
    throw error;
  }
}

/** Opens the file, or makes it where there is none. */
export async function openOrCreate(
  path: string,
  options: FileOptions & { readonly from?: number | undefined },
  onRecord: OnRecord<number>,
): Promise<OpenedFile> {
  try {
    return await openRecordFile(path, { ...options, last: true }, onRecord);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    return createRecordFile(path, options);
  }
}

async function writeAgain(file: DiskFile, from: number, to: number): Promise<void> {
  if (to > from) await file.write(from, await file.read(from, to - from));
}

async function writeHeader(file: DiskFile): Promise<number> {
  const salt = randomBytes(4).readUInt32LE(0);
  await file.write(0, encodeFileHeader(salt));
  await file.dataSync();
  return salt;
}

function foreign(path: string): DurableError {
  return new DurableError(
    'durable/damaged',
    `${path} does not begin as a record file of this program does. Nothing was changed. If it is the right file, its first bytes are damaged: put it back from a copy.`,
    { path, offset: 0 },
  );
}

function damagedMiddle(path: string, offset: number): DurableError {
  return new DurableError(
    'durable/damaged',
    `${path} is damaged at byte ${offset}: it ends there, but later files were written after it. Nothing was changed. Put back this file from a copy, and check the disk.`,
    { path, offset },
  );
}
