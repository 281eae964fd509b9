// Check, remember, make durable, sign: in this order, whatever is asked at the same time. The caller holds the lock of the directory:
// two processes with one guard file would not see each other's votes.

import { AppError, type CryptoProvider, equalBytes, type SecretKey } from '@suyuan/contracts';
import type { DiskPort, TailNotice } from '@suyuan/durable';
import { type Book, type BookEntry, createBook, isReleased } from './book.ts';
import { guardDamaged, guardFailed } from './guard-errors.ts';
import { type GuardFile, openGuardFile } from './guard-file.ts';
import type { GuardRecord } from './guard-record.ts';
import { assertHandshake } from './handshake.ts';
import type { Signer } from './port.ts';
import { statementBytes, toStatement } from './statement.ts';

export interface SignerOptions {
  readonly disk: DiskPort;
  /** Of the guard file, which `foundGuard` made. */
  readonly path: string;
  readonly secret: SecretKey;
  readonly crypto: CryptoProvider;
  readonly chainId: Uint8Array;
  /** The file is written anew, without what was released, when it is longer than this. */
  readonly maxFile_bytes?: number;
  /** Told of a record that a crash cut off. It was never acknowledged, so nothing was signed for it. */
  readonly onTail?: (notice: TailNotice) => void;
}

const FILE_BYTES_MAX = 1024 * 1024;

/** Throws `signer/guard-missing`, `-damaged`, `-other-key`, `-other-chain` or `-failed`: then the node must not vote. */
export async function openSigner(options: SignerOptions): Promise<Signer> {
  const { path, secret, crypto, chainId, maxFile_bytes = FILE_BYTES_MAX } = options;
  const key = crypto.publicKeyOf(secret);
  const { file, book } = await openGuard(options, { type: 'guard', key, chainId });
  let failure: AppError | undefined;
  let written = Promise.resolve();
  let replacing: Promise<void> | undefined;
  let leastFile_bytes = 0;
  let releaseWaits = false;

  function fail(error: unknown): AppError {
    failure ??= guardFailed(path, error);
    return failure;
  }

  /** Resolves when these entries and all that were handed in before are durable. */
  async function keep(entries: readonly BookEntry[]): Promise<void> {
    while (replacing !== undefined) await replacing;
    if (failure !== undefined) throw failure;
    if (entries.length > 0) {
      const records = entries.map(({ statement }) => signedRecord(statement));
      // What is released is only forgotten with the file, so it can wait for a sync that is due anyway.
      written = file.append([...releaseRecord(), ...records]);
      written.catch(() => {});
    }
    try {
      await written;
    } catch (error) {
      throw fail(error);
    }
    for (const entry of entries) entry.durable = true;
    if (file.size_bytes > Math.max(maxFile_bytes, 2 * leastFile_bytes)) replacing ??= replace();
  }

  function releaseRecord(): GuardRecord[] {
    const to = book.released();
    if (!releaseWaits || to === null) return [];
    releaseWaits = false;
    return [{ type: 'released', to }];
  }

  async function replace(): Promise<void> {
    try {
      await written;
      releaseWaits = true;
      const records = [...book.entries()].map(({ statement }) => signedRecord(statement));
      await file.replace([{ type: 'guard', key, chainId }, ...releaseRecord(), ...records]);
      leastFile_bytes = file.size_bytes;
    } catch (error) {
      fail(error);
    } finally {
      replacing = undefined;
    }
  }

  return {
    key,
    signed: (epoch) =>
      [...book.entries()]
        .filter(({ statement, durable }) => durable && statement.epoch === epoch)
        .map(({ statement }) => statement),
    async sign(asked) {
      if (failure !== undefined) throw failure;
      const statements = asked.map(toStatement);
      await keep(book.take(statements));
      return statements.map((statement) => crypto.sign(secret, statementBytes(chainId, statement)));
    },
    released: () => book.released(),
    async release(epoch, slot) {
      if (book.release({ epoch, slot })) releaseWaits = true;
    },
    signHandshake(transcript) {
      assertHandshake(transcript);
      return crypto.sign(secret, transcript);
    },
    async close() {
      while (replacing !== undefined) await replacing;
      const usable = failure === undefined;
      failure ??= new AppError('signer/closed', 'The signer is closed: the node is stopping.');
      const release = usable ? releaseRecord() : [];
      if (release.length > 0) await file.append(release).catch(() => {});
      // After a refusal of the disk there is nothing left to lose.
      await file.close().catch(() => {});
    },
  };
}

function signedRecord(statement: BookEntry['statement']): GuardRecord {
  return { type: 'signed', statement };
}

type GuardHead = Extract<GuardRecord, { type: 'guard' }> & { readonly chainId: Uint8Array };

async function openGuard(
  options: SignerOptions,
  mine: GuardHead,
): Promise<{ file: GuardFile; book: Book }> {
  const { path, disk, onTail = () => {} } = options;
  const book = createBook();
  let head: { chainId: Uint8Array | null } | undefined;
  let whole = false;
  const file = await openGuardFile({ disk, path, onTail }, (record) => {
    if (record.type === 'guard' && head === undefined) {
      assertKey(path, record, mine);
      head = { chainId: record.chainId };
    } else if (record.type === 'guard' || head === undefined) {
      throw guardDamaged(path, 'it does not begin as a guard file does');
    } else if (record.type === 'chain') {
      head.chainId ??= record.chainId;
    } else if (record.type === 'released') {
      book.release(record.to);
    } else if (record.type === 'whole') {
      whole = true;
    } else {
      enter(path, book, record.statement);
    }
  });
  try {
    if (head === undefined || !whole) throw guardDamaged(path, 'its beginning is cut off');
    if (head.chainId === null) await bind(path, file, mine.chainId);
    else if (!equalBytes(head.chainId, mine.chainId)) throw otherChain(path);
  } catch (error) {
    await file.close().catch(() => {});
    throw error;
  }
  return { file, book };
}

async function bind(path: string, file: GuardFile, chainId: Uint8Array): Promise<void> {
  try {
    await file.append([{ type: 'chain', chainId }]);
  } catch (error) {
    throw guardFailed(path, error);
  }
}

function enter(path: string, book: Book, statement: BookEntry['statement']): void {
  // A vote that waited for the disk while its slot was released stands after the release.
  if (isReleased(book.released(), statement)) return;
  try {
    for (const entry of book.take([statement])) entry.durable = true;
  } catch (error) {
    throw guardDamaged(path, 'its records contradict each other', error);
  }
}

function assertKey(path: string, found: { readonly key: GuardHead['key'] }, mine: GuardHead): void {
  if (found.key.suite === mine.key.suite && equalBytes(found.key.bytes, mine.key.bytes)) return;
  throw new AppError(
    'signer/guard-other-key',
    `The guard file ${path} belongs to another key. Start the validator with the guard file that was made with its key.`,
    { path },
  );
}

function otherChain(path: string): AppError {
  return new AppError(
    'signer/guard-other-chain',
    `The guard file ${path} belongs to a validator of another ledger. Use one key for one ledger, with its own guard file.`,
    { path },
  );
}
