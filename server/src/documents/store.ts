// Files by their SHA-256. `incoming/` holds what is being sent, `pending/` what waits for its record on the ledger, `kept/`
// what the ledger records. Names are hashes, so nothing of a request is ever part of a path.

import { join } from 'node:path';
import { AppError } from '@suyuan/contracts';
import { type DiskFile, type DiskPort, nodeDisk, systemCode } from '@suyuan/durable';
import { DOCUMENT_LIMITS, type DocumentLimits } from './limits.ts';
import type { RecordOf } from './port.ts';
import { damaged, verifiedChunks } from './read.ts';
import { receiveFile, removeIfThere, type Uploaded } from './upload.ts';

export interface DocumentStoreParts {
  readonly directory: string;
  readonly recordOf: RecordOf;
  readonly clock: { now_ms(): number };
  readonly disk?: DiskPort;
  readonly limits?: Partial<DocumentLimits>;
}

export interface StoredDocument {
  readonly size_bytes: number;
  /** The first bytes, for what it says it is. */
  readonly head: Uint8Array;
  /** Once; throws `documents/damaged` before its end when the file is not what its name says. */
  chunks(): AsyncGenerator<Uint8Array>;
  /** Instead of `chunks`. */
  close(): Promise<void>;
}

export interface DocumentStore {
  /**
   * Takes a file in, durable on return. `kept` is false while the ledger has no record of it: it is then removed after an hour.
   * Throws `http/too-large`, `http/busy`, `documents/empty`, `documents/wrong-size`, `documents/shielded` or
   * `documents/too-many-pending`.
   */
  put(
    source: AsyncIterable<Uint8Array>,
    client: string,
  ): Promise<Uploaded & { readonly kept: boolean }>;
  /** A recorded file; undefined when this store does not hold it. Throws `documents/damaged`. */
  open(hash: string): Promise<StoredDocument | undefined>;
  /** Keeps what the ledger records by now, removes what waited too long. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

const HASH = /^[0-9a-f]{64}$/;
const HEAD_BYTES = 16;

/** Opens the store, making its directories; what was half sent is gone, what waited waits another hour at most. */
export async function openDocumentStore(parts: DocumentStoreParts): Promise<DocumentStore> {
  const { directory, recordOf, clock, disk = nodeDisk } = parts;
  const limits: DocumentLimits = { ...DOCUMENT_LIMITS, ...parts.limits };
  const [incoming, pendingIn] = [join(directory, 'incoming'), join(directory, 'pending')];
  const pending = new Map<string, { size_bytes: number; since_ms: number; client: string }>();
  let uploads = 0;
  let uploaded = 0;
  let queue: Promise<unknown> = Promise.resolve();

  for (const path of [incoming, pendingIn]) await disk.makeDirectory(path);
  for (const name of await disk.list(incoming)) await disk.remove(join(incoming, name));
  for (const hash of await disk.list(pendingIn)) {
    const file = await disk.open(join(pendingIn, hash), 'existing');
    const size_bytes = await file.size();
    await file.close();
    pending.set(hash, { size_bytes, since_ms: clock.now_ms(), client: '' });
  }

  /** Moves and removals one after the other. */
  function exclusively<T>(act: () => Promise<T>): Promise<T> {
    const turn = queue.then(act);
    queue = turn.catch(() => undefined);
    return turn;
  }

  const keptPath = (hash: string) => join(directory, 'kept', hash.slice(0, 2), hash);

  async function keep(from: string, hash: string): Promise<void> {
    const folder = join(directory, 'kept', hash.slice(0, 2));
    await disk.makeDirectory(folder);
    await disk.rename(from, keptPath(hash));
    await disk.syncDirectory(folder);
  }

  async function settleOne(hash: string): Promise<void> {
    const waiting = pending.get(hash);
    if (waiting === undefined) return;
    const record = recordOf(hash);
    const path = join(pendingIn, hash);
    if (record !== undefined && record.size_bytes === waiting.size_bytes) {
      await keep(path, hash);
      pending.delete(hash);
    } else if (clock.now_ms() - waiting.since_ms >= limits.pending_ms || record !== undefined) {
      await disk.remove(path);
      pending.delete(hash);
    }
  }

  function assertRoom({ hash, size_bytes }: Uploaded, client: string): void {
    const others = [...pending].filter(([name]) => name !== hash).map(([, entry]) => entry);
    const bytes = others.reduce((sum, entry) => sum + entry.size_bytes, size_bytes);
    const own = others.filter((entry) => entry.client === client).length;
    const isFull = others.length >= limits.pendingFiles || bytes > limits.pendingBytes;
    if (isFull || own >= limits.pendingFilesPerClient) {
      throw new AppError(
        'documents/too-many-pending',
        'Too many files wait for their record. Register the document on the ledger first, then send its file.',
      );
    }
  }

  async function place(from: string, file: Uploaded, client: string): Promise<boolean> {
    const record = recordOf(file.hash);
    if (record === undefined) {
      assertRoom(file, client);
      await disk.rename(from, join(pendingIn, file.hash));
      const { size_bytes } = file;
      const since_ms = pending.get(file.hash)?.since_ms ?? clock.now_ms();
      pending.set(file.hash, { size_bytes, since_ms, client });
      await disk.syncDirectory(pendingIn);
      return false;
    }
    if (record.shielded) throw shielded(file.hash);
    if (record.size_bytes !== file.size_bytes) {
      throw new AppError(
        'documents/wrong-size',
        `The ledger records ${record.size_bytes} bytes for this hash, the file has ${file.size_bytes}: register it anew.`,
      );
    }
    await keep(from, file.hash);
    return true;
  }

  async function openKept(hash: string): Promise<DiskFile | undefined> {
    try {
      return await disk.open(keptPath(hash), 'existing');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  return {
    async put(source, client) {
      if (uploads >= limits.uploads) {
        throw new AppError('http/busy', 'Too many files are being sent; try again in a moment.');
      }
      uploads += 1;
      const path = join(incoming, `${uploaded++}.part`);
      try {
        const file = await receiveFile(disk, path, source, limits.size_bytes);
        try {
          const kept = await exclusively(async () => {
            for (const hash of [...pending.keys()]) await settleOne(hash);
            return place(path, file, client);
          });
          return { ...file, kept };
        } catch (error) {
          await removeIfThere(disk, path);
          throw error;
        }
      } finally {
        uploads -= 1;
      }
    },
    async open(hash) {
      if (!HASH.test(hash)) return undefined;
      const record = recordOf(hash);
      if (record === undefined) return undefined;
      if (record.shielded) throw shielded(hash);
      if (pending.has(hash)) await exclusively(() => settleOne(hash));
      const file = await openKept(hash);
      if (file === undefined) return undefined;
      const size_bytes = await file.size();
      if (size_bytes !== record.size_bytes) {
        await file.close();
        throw damaged(hash);
      }
      return {
        size_bytes,
        head: await file.read(0, HEAD_BYTES),
        chunks: () => verifiedChunks(file, hash, size_bytes),
        close: () => file.close(),
      };
    },
    settle: () =>
      exclusively(async () => {
        for (const hash of [...pending.keys()]) await settleOne(hash);
      }),
    close: () => exclusively(async () => undefined),
  };
}

function shielded(hash: string): AppError {
  return new AppError(
    'documents/shielded',
    'A regulator has ordered that this file is not shown. Its record and its hash stay on the ledger.',
    { hash },
  );
}
