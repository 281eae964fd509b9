// Opening a data directory: whose it is, and bringing the state up to the block log, which is the truth.

import { join } from 'node:path';
import { AppError, blockHash, bytesToHex, equalBytes } from '@suyuan/contracts';
import { type DiskPort, systemCode, writeFileAtomically } from '@suyuan/durable';
import { type BlockLog, openBlockLog } from '../storage/block-log.ts';
import { damagedState, type StateDatabase } from '../storage/database.ts';
import { clearDatabase, isImporting, readBase } from '../storage/founding.ts';
import { type Head, readChainId, readHead } from '../storage/head.ts';
import { lotCount } from '../storage/trace-index.ts';
import { beginState, type Founding } from './begin-state.ts';
import { type Chain, type ChainParts, createChain } from './chain.ts';
import type { NodeLogger } from './logger.ts';

export interface OpenedChain {
  readonly chain: Chain;
  readonly db: StateDatabase;
  readonly log: BlockLog;
  /** The log goes on where this program cannot: it lacks the rules of the next block. */
  readonly missingRules: AppError | undefined;
}

export interface OpenOptions {
  readonly directory: string;
  readonly genesisBytes: Uint8Array;
  readonly logger: NodeLogger;
  readonly disk: DiskPort;
  readonly openDatabase: (directory: string) => Promise<StateDatabase>;
}

type Fixed = Omit<ChainParts, 'db' | 'log'> & Founding;

/** The caller holds the directory's lock. Throws `node/*`, `state/*`, `durable/*`, `ledger/*` or `certificate/*`. */
export async function openChain(fixed: Fixed, options: OpenOptions): Promise<OpenedChain> {
  const { directory, logger, disk } = options;
  await claimDirectory(fixed, options);
  const stateDirectory = join(directory, 'state');
  const db = await options.openDatabase(stateDirectory);
  let log: BlockLog | undefined;
  try {
    // A snapshot that was not brought in whole is nothing: the next one, or the genesis, begins again.
    if (isImporting(db)) await clearDatabase(db);
    log = await openBlockLog(directory, {
      disk,
      base: readBase(db),
      onTail: (notice) =>
        logger.warn(
          notice,
          'The block log ended in a block that was never committed; it was cut off',
        ),
    });
    const parts: ChainParts = { ...fixed, db, log };
    const head = await headOf(fixed, db, log, stateDirectory);
    const chain = createChain(parts, head);
    const missingRules = await catchUp(chain, log, logger);
    return { chain, db, log, missingRules };
  } catch (error) {
    await db.close();
    await log?.close();
    throw error;
  }
}

async function claimDirectory(fixed: Fixed, { directory, genesisBytes, disk }: OpenOptions) {
  const path = join(directory, 'genesis.cbor');
  await disk.makeDirectory(directory);
  const found = await readGenesisFile(disk, path);
  if (found === undefined) {
    await writeFileAtomically(path, genesisBytes, disk);
  } else if (!equalBytes(found, genesisBytes)) {
    throw new AppError(
      'node/other-genesis',
      `${directory} holds another ledger than the genesis given. Start with the genesis in ${path}, or use an empty directory.`,
      { directory, chain: bytesToHex(fixed.chainId) },
    );
  }
}

/** Undefined where there is none. */
export async function readGenesisFile(
  disk: DiskPort,
  path: string,
): Promise<Uint8Array | undefined> {
  try {
    const file = await disk.open(path, 'existing');
    try {
      return await file.read(0, await file.size());
    } finally {
      await file.close();
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function headOf(
  fixed: Fixed,
  db: StateDatabase,
  log: BlockLog,
  stateDirectory: string,
): Promise<Head> {
  const chain = readChainId(db);
  if (chain === undefined) return beginState(db, fixed);
  if (!equalBytes(chain, fixed.chainId)) throw damagedState(stateDirectory);
  const head = readHead(db);
  if (head === undefined || lotCount(db) === undefined) throw damagedState(stateDirectory);
  if (head.height > log.height) {
    throw new AppError(
      'node/log-behind-state',
      `The state holds block ${head.height}, the block log ends at ${log.height}. Put back blocks.log from a copy or from another node. Only if these blocks never left this machine, start with --reindex to go on from block ${log.height}.`,
      { state: head.height, log: log.height },
    );
  }
  const block = log.read(head.height);
  if (block !== undefined && !equalBytes(blockHash(fixed.hash, block.header), head.blockHash)) {
    throw new AppError(
      'node/state-diverged',
      `Block ${head.height} of the block log is not the one that the state was built from. Find out which is right; --reindex rebuilds the state from the log.`,
      { height: head.height },
    );
  }
  return head;
}

/** Executes the blocks that the log has and the state has not; returns why it could not go on to the end. */
async function catchUp(
  chain: Chain,
  log: BlockLog,
  logger: NodeLogger,
): Promise<AppError | undefined> {
  const from = chain.tip().height + 1;
  if (from <= log.height) {
    logger.info({ from, to: log.height }, 'Executing the blocks that the state does not hold yet');
  }
  let block = log.read(from);
  let prepared = block === undefined ? undefined : chain.prepare(block);
  for (let height = from; block !== undefined; height++) {
    const next = log.read(height + 1);
    const later = next === undefined ? undefined : chain.prepare(next);
    try {
      await chain.replay(block, prepared);
    } catch (error) {
      if (error instanceof AppError && error.code === 'node/missing-rules') return error;
      throw diverged(height, error);
    }
    block = next;
    prepared = later;
  }
  return chain.missingRules();
}

function diverged(height: number, cause: unknown): unknown {
  if (!(cause instanceof AppError) || cause.code !== 'ledger/bad-block') return cause;
  return new AppError(
    'node/state-diverged',
    `${cause.message} Nothing was served from it. If the state database was changed, start with --reindex; if that fails too, the block log is not of this ledger or the rules differ: stop, and compare with another node.`,
    { ...cause.details, height },
    cause,
  );
}
