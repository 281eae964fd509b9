// The LMDB environment of a node: one file with a sub-database for each kind of entry. All of it can be rebuilt from the block
// log and the serial files.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '@suyuan/contracts';
import { type Database, open, type RootDatabase, type Transaction } from 'lmdb';

export const TABLES = [
  'state',
  'tree',
  'txs',
  'anchor-leaves',
  'anchor-nodes',
  'units',
  'unit-nodes',
  'unit-batches',
  'lot-numbers',
  'lot-names',
  'lot-children',
  'lot-children-more',
  'lot-parents',
  'lot-presence',
  'recall-scopes',
  'meta',
] as const;

export type TableName = (typeof TABLES)[number];

/** One write: `null` removes the key. */
export interface TableWrite {
  readonly table: TableName;
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
}

/** Reads that all see one moment. Throws `state/damaged` when LMDB cannot read. */
export interface Snapshot {
  get(table: TableName, key: Uint8Array): Uint8Array | undefined;
  /** As `get` without a copy: the bytes are good within `use` alone, before anything else is read. */
  peek<T>(table: TableName, key: Uint8Array, use: (bytes: Uint8Array) => T): T | undefined;
  /** Keys from `start` to before `end`, ascending. */
  keys(table: TableName, start: Uint8Array, end: Uint8Array, limit: number): Uint8Array[];
}

/** One moment of the database that outlives the turn of the event loop. LMDB reuses no page that it sees: release it soon. */
export interface HeldSnapshot extends Snapshot {
  /** How much the database has grown since, on disk. */
  grown_bytes(): number;
  release(): void;
}

export interface StateDatabase extends Snapshot {
  /** Runs `read` on one moment of the database. */
  snapshot<T>(read: (at: Snapshot) => T): T;
  hold(): HeldSnapshot;
  /** All of the writes or none. They are visible on return and durable soon after; the block log is what is durable at once. */
  write(writes: readonly TableWrite[]): Promise<void>;
  close(): Promise<void>;
}

/** The library's description leaves the options out. */
interface Peeking {
  getBinaryFast(
    key: Uint8Array,
    options: { readonly transaction?: Transaction },
  ): Uint8Array | undefined;
}

type Table = Omit<Database<Uint8Array, Uint8Array>, 'getBinaryFast'> & Peeking;
/** As in probe.mjs. */
const TABLES_MAX = 32;
const BINARY = { encoding: 'binary', keyEncoding: 'binary' } as const;

/** Opens the environment, making it where there is none. Throws `state/damaged`. */
export async function openStateDatabase(directory: string): Promise<StateDatabase> {
  await assertReadable(directory);
  let root: RootDatabase<Uint8Array, Uint8Array>;
  const tables = new Map<TableName, Table>();
  try {
    root = open({ path: directory, maxDbs: TABLES_MAX, noSubdir: false, ...BINARY });
    for (const name of TABLES) tables.set(name, root.openDB({ name, ...BINARY }));
  } catch (error) {
    throw damagedState(directory, error);
  }

  function guarded<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      if (error instanceof AppError) throw error;
      throw damagedState(directory, error);
    }
  }

  function reader(transaction?: Transaction): Snapshot {
    const options = transaction === undefined ? {} : { transaction };
    return {
      get: (table, key) =>
        guarded(() => {
          const value = tables.get(table)!.getBinaryFast(key, options);
          return value === undefined ? undefined : copyOf(value);
        }),
      peek: (table, key, use) =>
        guarded(() => {
          const value = tables.get(table)!.getBinaryFast(key, options);
          // The buffer is the library's own, larger than what it says its length is.
          return value === undefined ? undefined : use(value.subarray(0, value.length));
        }),
      keys: (table, start, end, limit) =>
        guarded(() => {
          const range = { start, end, limit, ...options };
          return [...tables.get(table)!.getKeys(range)].map(plain);
        }),
    };
  }

  return {
    ...reader(),
    snapshot(read) {
      const transaction = root.useReadTransaction();
      try {
        return read(reader(transaction));
      } finally {
        transaction.done();
      }
    },
    hold() {
      const transaction = root.useReadTransaction();
      const began_bytes = sizeOf(directory);
      let held = true;
      return {
        ...reader(transaction),
        grown_bytes: () => Math.max(0, sizeOf(directory) - began_bytes),
        release() {
          if (held) transaction.done();
          held = false;
        },
      };
    },
    async write(writes) {
      try {
        // `transaction` would keep what a throwing callback wrote; here nothing runs between the writes.
        await root.batch(() => {
          const packed = pack(writes);
          for (const [i, { table, key, value }] of writes.entries()) {
            if (value === null) tables.get(table)!.remove(key);
            else tables.get(table)!.put(key, packed[i]!);
          }
        });
      } catch (error) {
        silenceReason(error);
        throw new AppError(
          'state/write-failed',
          `The state database in ${directory} cannot be written. Free space or check the disk, and start again: the blocks are safe in the block log. If there is room and it comes again, start with --reindex.`,
          { directory },
          error,
        );
      }
    },
    async close() {
      await root.flushed;
      await root.close();
    },
  };
}

/** The library hangs the reason on its error as a promise that rejects: nobody waits for it, and so it would end the process. */
function silenceReason(error: unknown): void {
  if (!(error instanceof Error) || !('commitError' in error)) return;
  if (error.commitError instanceof Promise) error.commitError.catch(() => {});
}

function sizeOf(directory: string): number {
  return statSync(join(directory, 'data.mdb'), { throwIfNoEntry: false })?.size ?? 0;
}

const PROBE = fileURLToPath(new URL('./probe.mjs', import.meta.url));

/** A damaged map would kill this process by a signal, so another one reads it first. */
async function assertReadable(directory: string): Promise<void> {
  const size = await stat(join(directory, 'data.mdb')).then(
    (found) => found.size,
    () => 0,
  );
  if (size === 0) return;
  const probe = spawn(process.execPath, [PROBE, directory], {
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  const [code] = await once(probe, 'exit');
  if (code !== 0) throw damagedState(directory);
}

export function damagedState(directory: string, cause?: unknown): AppError {
  return new AppError(
    'state/damaged',
    `The state database in ${directory} is damaged or of another program. Start again with --reindex: it is rebuilt from the block log.`,
    { directory },
    cause,
  );
}

/** The values in one piece of memory: the library asks for the address of each piece, which costs more than the copy. */
function pack(writes: readonly TableWrite[]): readonly (Uint8Array | undefined)[] {
  const all = Buffer.allocUnsafeSlow(
    writes.reduce((sum, { value }) => sum + (value?.length ?? 0), 0),
  );
  let at = 0;
  return writes.map(({ value }) => {
    if (value === null) return undefined;
    all.set(value, at);
    at += value.length;
    return all.subarray(at - value.length, at);
  });
}

/** The library's buffer is used again by the next read, and is larger than its length says. */
function copyOf(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes.subarray(0, bytes.length));
  return copy;
}

function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
