// Opening a gateway's directory: its lock, its snapshot, its journal, and what they say is unfinished.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AppError, equalBytes, type Hash, PACK_SIZE_BYTES_MAX } from '@suyuan/contracts';
import { type DirectoryLock, lockDirectory, openSegmentedLog, systemCode } from '@suyuan/durable';
import type { Logger } from 'pino';
import { gatewayError } from '../errors.ts';
import type { GatewayLimits } from '../limits.ts';
import { DeviceStates } from '../pipeline/device-state.ts';
import { createJournal, type Journal } from './journal.ts';
import { type Recovered, RecoveryScan } from './recovery.ts';
import { decodeSnapshot, type SnapshotHead } from './snapshot.ts';

/** A quarantined pack of the largest size with its names around it. */
const RECORD_OVERHEAD_BYTES = 8 * 1024;
/** Admission keeps packs within `inFlightBytes`; other records are small. */
const QUEUE_FACTOR = 4;

export interface OpenJournalOptions {
  readonly directory: string;
  readonly account: string;
  readonly chainId: Uint8Array;
  readonly hash: Hash;
  readonly limits: GatewayLimits;
  readonly logger: Logger;
  readonly onFailure: (error: AppError) => void;
  /** A journal file is full: time for a snapshot. */
  readonly onRoll: () => void;
}

export interface OpenedJournal {
  readonly lock: DirectoryLock;
  readonly journal: Journal;
  readonly states: DeviceStates;
  readonly head: SnapshotHead;
  /** False for a directory that had no snapshot. */
  readonly hadSnapshot: boolean;
  readonly recovered: Recovered;
}

export function snapshotPath(directory: string): string {
  return join(directory, 'snapshot.cbor');
}

/** Throws `durable/*`, `gateway/foreign-journal` or `gateway/journal-inconsistent`; then nothing is left open. */
export async function openJournal(options: OpenJournalOptions): Promise<OpenedJournal> {
  const lock = await lockDirectory(options.directory);
  try {
    return await openLocked(options, lock);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function openLocked(
  options: OpenJournalOptions,
  lock: DirectoryLock,
): Promise<OpenedJournal> {
  const { directory, limits, logger } = options;
  const states = new DeviceStates(limits);
  const bytes = await readIfThere(snapshotPath(directory));
  const head =
    bytes === undefined ? firstHead(options) : decodeSnapshot(bytes, states, limits.windowGaps);
  assertOwn(head, options);
  const scan = new RecoveryScan(options.hash, states, head);
  let fresh = true;
  const log = await openSegmentedLog(
    {
      directory: join(directory, 'journal'),
      maxRecord_bytes: PACK_SIZE_BYTES_MAX + RECORD_OVERHEAD_BYTES,
      segment_bytes: limits.journalSegment_bytes,
      maxQueue_bytes: QUEUE_FACTOR * limits.inFlightBytes,
      ...(head.retainedFrom === null ? {} : { from: head.retainedFrom.position }),
      onTail: (notice) => logger.warn({ notice }, 'a torn end of the journal was cut off'),
      onRoll: options.onRoll,
    },
    (payload, position) => {
      if (fresh && head.retainedFrom === null && position.segment !== 0) throw beginningMissing();
      fresh = false;
      scan.onRecord(payload, position);
    },
  );
  const journal = createJournal(log, options.onFailure);
  try {
    const recovered = scan.result();
    return { lock, journal, states, head, hadSnapshot: bytes !== undefined, recovered };
  } catch (error) {
    await journal.close();
    throw error;
  }
}

function firstHead({ account, chainId }: OpenJournalOptions): SnapshotHead {
  return { account, chainId, retainedFrom: null, windowsAt: null, quarantineNext: 0 };
}

function assertOwn(head: SnapshotHead, { account, chainId, directory }: OpenJournalOptions): void {
  if (head.account === account && equalBytes(head.chainId, chainId)) return;
  throw gatewayError(
    'gateway/foreign-journal',
    `${directory} belongs to ${head.account}${head.account === account ? ' on another ledger' : ''}. Give each gateway account and ledger a directory of its own.`,
    { account: head.account },
  );
}

function beginningMissing(): AppError {
  return gatewayError(
    'gateway/journal-inconsistent',
    'The beginning of the journal was dropped and its snapshot is missing. Put snapshot.cbor back from a copy.',
  );
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
