// Opening a data directory: whose it is, and bringing the state up to the block log, which is the truth.

import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, blockHash, bytesToHex, equalBytes } from '@suyuan/contracts';
import { type DiskPort, systemCode, writeFileAtomically } from '@suyuan/durable';
import { type BlockLog, openBlockLog } from '../storage/block-log.ts';
import { damagedState, openStateDatabase, type StateDatabase } from '../storage/database.ts';
import { type Head, readChainId, readHead } from '../storage/head.ts';
import { lotCount } from '../storage/trace-index.ts';
import { beginState, type Chain, type ChainParts, createChain } from './chain.ts';
import type { NodeLogger } from './logger.ts';

export interface OpenedChain {
  readonly chain: Chain;
  readonly db: StateDatabase;
  readonly log: BlockLog;
}

export interface OpenOptions {
  readonly directory: string;
  readonly genesisBytes: Uint8Array;
  readonly reindex: boolean;
  readonly logger: NodeLogger;
  readonly disk?: DiskPort | undefined;
}

type Fixed = Omit<ChainParts, 'db' | 'log'>;

/** The caller holds the directory's lock. Throws `node/*`, `state/*`, `durable/*`, `ledger/*` or `certificate/*`. */
export async function openChain(fixed: Fixed, options: OpenOptions): Promise<OpenedChain> {
  const { directory, logger, reindex } = options;
  await claimDirectory(fixed, options);
  const stateDirectory = join(directory, 'state');
  if (reindex) await rm(stateDirectory, { recursive: true, force: true });
  const log = await openBlockLog(directory, {
    disk: options.disk,
    onTail: (notice) =>
      logger.warn(
        notice,
        'The block log ended in a block that was never committed; it was cut off',
      ),
  });
  let db: StateDatabase | undefined;
  try {
    db = await openStateDatabase(stateDirectory);
    const parts: ChainParts = { ...fixed, db, log };
    const chain = createChain(parts, await headOf(parts, stateDirectory));
    await catchUp(chain, log, logger);
    return { chain, db, log };
  } catch (error) {
    await db?.close();
    await log.close();
    throw error;
  }
}

async function claimDirectory(fixed: Fixed, { directory, genesisBytes }: OpenOptions) {
  const path = join(directory, 'genesis.cbor');
  try {
    const found = await readFile(path);
    if (!equalBytes(found, genesisBytes)) {
      throw new AppError(
        'node/other-genesis',
        `${directory} holds another ledger than the genesis given. Start with the genesis in ${path}, or use an empty directory.`,
        { directory, chain: bytesToHex(fixed.chainId) },
      );
    }
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    await writeFileAtomically(path, genesisBytes);
  }
}

async function headOf(parts: ChainParts, stateDirectory: string): Promise<Head> {
  const { db, log, chainId, hash } = parts;
  const chain = readChainId(db);
  if (chain === undefined) return beginState(parts);
  if (!equalBytes(chain, chainId)) throw damagedState(stateDirectory);
  const head = readHead(db);
  if (head === undefined || lotCount(db) === undefined) throw damagedState(stateDirectory);
  if (head.height > log.length) {
    throw new AppError(
      'node/log-behind-state',
      `The state holds block ${head.height}, the block log ends at ${log.length}. Put back blocks.log from a copy or from another node. Only if these blocks never left this machine, start with --reindex to go on from block ${log.length}.`,
      { state: head.height, log: log.length },
    );
  }
  const block = log.read(head.height);
  if (block !== undefined && !equalBytes(blockHash(hash, block.header), head.blockHash)) {
    throw new AppError(
      'node/state-diverged',
      `Block ${head.height} of the block log is not the one that the state was built from. Find out which is right; --reindex rebuilds the state from the log.`,
      { height: head.height },
    );
  }
  return head;
}

/** Executes the blocks that the log has and the state has not. */
async function catchUp(chain: Chain, log: BlockLog, logger: NodeLogger): Promise<void> {
  const from = chain.head().height + 1;
  if (from > log.length) return;
  logger.info({ from, to: log.length }, 'Executing the blocks that the state does not hold yet');
  for (let height = from; height <= log.length; height++) {
    try {
      await chain.replay(log.read(height)!);
    } catch (error) {
      throw diverged(height, error);
    }
  }
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
