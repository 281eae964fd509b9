// The file behind the signer. It is replaced whole when it has grown long, and then the old one or the new one is there after a crash,
// never neither.

import { dirname } from 'node:path';
import { AppError, type PublicKey } from '@suyuan/contracts';
import {
  type DiskPort,
  isDurableError,
  openRecordLog,
  type RecordLog,
  systemCode,
  type TailNotice,
} from '@suyuan/durable';
import { guardDamaged, guardFailed, guardMissing } from './guard-errors.ts';
import {
  decodeGuardRecord,
  encodeGuardRecord,
  GUARD_RECORD_BYTES_MAX,
  type GuardRecord,
} from './guard-record.ts';

/** Shorter than a file's header and a record's head: nothing was ever in it. */
const EMPTY_BYTES = 36;
/** What a record takes beside its bytes, its sync mark included. */
const RECORD_FRAME_BYTES = 32;

export interface FoundGuardOptions {
  readonly disk: DiskPort;
  readonly path: string;
  readonly publicKey: PublicKey;
  /** Without it the guard takes the chain of the node that first opens it. */
  readonly chainId?: Uint8Array;
}

/**
 * Makes the guard file of a key that has never signed anything: with the key, and never again. Throws `signer/guard-exists` when there is
 * one.
 */
export async function foundGuard(options: FoundGuardOptions): Promise<void> {
  const { disk, path, publicKey, chainId = null } = options;
  if ((await sizeOf(disk, path)) !== undefined) {
    throw new AppError(
      'signer/guard-exists',
      `There is a guard file ${path} already. It remembers what a key has signed: keep it with its key, and choose another place for a new one.`,
      { path },
    );
  }
  const log = await writeNew(disk, path, [{ type: 'guard', key: publicKey, chainId }]);
  await log.close();
}

export interface GuardFile {
  /** Durable when it resolves; what is appended while a sync runs shares the next. */
  append(records: readonly GuardRecord[]): Promise<void>;
  /** The file with nothing but these records. No append may be under way. */
  replace(records: readonly GuardRecord[]): Promise<void>;
  close(): Promise<void>;
  readonly size_bytes: number;
}

export interface GuardFileOptions {
  readonly disk: DiskPort;
  readonly path: string;
  readonly onTail: (notice: TailNotice) => void;
}

/** Opens an existing file and hands over its records in order. Throws `signer/guard-missing`, `-damaged` or `-failed`. */
export async function openGuardFile(
  options: GuardFileOptions,
  onRecord: (record: GuardRecord) => void,
): Promise<GuardFile> {
  const { disk, path } = options;
  let size_bytes = 0;
  let log: RecordLog;
  try {
    const size = await sizeOf(disk, path);
    if (size === undefined) throw guardMissing(path);
    // Opening would begin such a file anew.
    if (size < EMPTY_BYTES) throw guardDamaged(path, 'it is empty');
    log = await openRecordLog(
      { path, maxRecord_bytes: GUARD_RECORD_BYTES_MAX, disk, onTail: options.onTail },
      (bytes) => {
        onRecord(readRecord(path, bytes));
        size_bytes += bytes.length + RECORD_FRAME_BYTES;
      },
    );
  } catch (error) {
    if (error instanceof AppError) throw error;
    // Its message says to put a copy back, which is what must not be done here.
    if (isDurableError(error)) throw guardDamaged(path, error.code, error);
    throw guardFailed(path, error);
  }

  return {
    async append(records) {
      const payloads = records.map(encodeGuardRecord);
      for (const { length } of payloads) size_bytes += length + RECORD_FRAME_BYTES;
      await log.appendMany(payloads);
    },
    async replace(records) {
      const before = log;
      log = await writeNew(disk, path, records);
      size_bytes = records.reduce(
        (sum, record) => sum + encodeGuardRecord(record).length + RECORD_FRAME_BYTES,
        0,
      );
      // It has no name any more.
      await before.close().catch(() => {});
    },
    close: () => log.close(),
    get size_bytes() {
      return size_bytes;
    },
  };
}

function readRecord(path: string, bytes: Uint8Array): GuardRecord {
  try {
    const record = decodeGuardRecord(bytes);
    if (record !== undefined) return record;
  } catch (error) {
    throw guardDamaged(path, 'it holds a record that cannot be read', error);
  }
  throw guardDamaged(path, 'it holds a record of another program');
}

/** Under the name at once and whole, or not at all. */
async function writeNew(
  disk: DiskPort,
  path: string,
  records: readonly GuardRecord[],
): Promise<RecordLog> {
  const draft = `${path}.new`;
  if ((await sizeOf(disk, draft)) !== undefined) await disk.remove(draft);
  const log = await openRecordLog(
    { path: draft, maxRecord_bytes: GUARD_RECORD_BYTES_MAX, disk },
    () => {},
  );
  await log.appendMany(records.map(encodeGuardRecord));
  // Only what has a batch behind it can be told from a torn tail when it is damaged: so nothing that counts is last.
  await log.append(encodeGuardRecord({ type: 'whole' }));
  await disk.rename(draft, path);
  await disk.syncDirectory(dirname(path));
  return log;
}

async function sizeOf(disk: DiskPort, path: string): Promise<number | undefined> {
  try {
    const file = await disk.open(path, 'existing');
    try {
      return await file.size();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
