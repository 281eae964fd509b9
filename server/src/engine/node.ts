// A ledger node: the chain with its mempool, what decides on blocks, and what it answers. Implements the LedgerPort of
// contracts for a gateway in the same process and the reads that the HTTP half serves.

import {
  AppError,
  type AsyncCryptoProvider,
  type BlockNotice,
  type CryptoProvider,
  decodeCbor,
  type EpochEnd,
  type LedgerPort,
  openGenesis,
  RULES_VERSION,
} from '@suyuan/contracts';
import { type DiskPort, lockDirectory } from '@suyuan/durable';
import type { Consensus } from '../consensus/port.ts';
import type { SerialList } from '../storage/serial-files.ts';
import { readTx } from '../storage/tx-index.ts';
import type { NodeClock } from './clock.ts';
import { createConsensusHost } from './host.ts';
import type { NodeLogger } from './logger.ts';
import { createMempool, MEMPOOL_LIMITS, type MempoolLimits } from './mempool.ts';
import { createReads, type Reads } from './reads.ts';
import { openChain } from './recover.ts';
import { createSerials, type Serials } from './serials.ts';
import { createSubmit, viewOf } from './submit.ts';

export interface NodeOptions {
  /** Holds the block log, the state, the serial lists; locked while the node runs. */
  readonly directory: string;
  /** The encoded genesis. */
  readonly genesis: Uint8Array;
  /** One with `verifyAsync` keeps signatures off the main thread. */
  readonly crypto: CryptoProvider | AsyncCryptoProvider;
  readonly clock: NodeClock;
  readonly logger: NodeLogger;
  readonly consensus: Consensus;
  /** Rebuild the state from the block log. */
  readonly reindex?: boolean;
  readonly mempool?: Partial<MempoolLimits>;
  readonly disk?: DiskPort;
}

export interface LedgerNode extends LedgerPort, Reads {
  /** The encoded genesis. */
  readonly genesis: Uint8Array;
  /** The blocks that ended an epoch, oldest first. The rules of version 1 end none. */
  epochs(): readonly EpochEnd[];
  unitProof: Serials['unitProof'];
  putSerials(list: SerialList): Promise<void>;
  totals(): { readonly transactions: number; readonly mempool: number };
  /** 32 bytes: of the last committed block. */
  stateRoot(): Uint8Array;
  /** Why the node takes no transactions any more; undefined while all is well. */
  failure(): AppError | undefined;
  close(): Promise<void>;
}

const LISTENERS_MAX = 1024;

/** Opens the directory, brings the state up to the block log and begins to make blocks. */
export async function createNode(options: NodeOptions): Promise<LedgerNode> {
  const { directory, clock, logger, consensus, crypto } = options;
  const { genesis, hash, chainId } = openGenesis(crypto, options.genesis);
  if (genesis.rules !== RULES_VERSION) {
    throw new AppError(
      'node/other-rules',
      `The ledger runs rules of version ${genesis.rules}, this program has version ${RULES_VERSION}. Start the program of that version.`,
      { genesis: genesis.rules, program: RULES_VERSION },
    );
  }
  const lock = await lockDirectory(directory);
  const opened = await openChain(
    { genesis, chainId, hash, crypto },
    {
      directory,
      genesisBytes: options.genesis,
      reindex: options.reindex ?? false,
      logger,
      disk: options.disk,
    },
  ).catch(async (error: unknown) => {
    await lock.release();
    throw error;
  });
  const { chain, db, log } = opened;
  const mempool = createMempool({ ...MEMPOOL_LIMITS, ...options.mempool });
  const serials = createSerials({ db, hash, directory, logger });
  const reads = createReads({ db, log, hash });
  const listeners = new Set<(notice: BlockNotice) => void>();
  let failure: AppError | undefined;
  let closing: Promise<void> | undefined;

  function stopTaking(reason: AppError): void {
    failure ??= reason;
    mempool.clear(reason);
  }

  const host = createConsensusHost({
    chain,
    mempool,
    chainId,
    hash,
    validators: genesis.validators,
    clock,
    logger,
    onCommitted(notice) {
      for (const listener of listeners) {
        try {
          listener(notice);
        } catch (error) {
          logger.error({ err: error }, 'A listener to blocks failed');
        }
      }
    },
    onFailure(error) {
      logger.error({ err: error }, 'The ledger node stopped');
      stopTaking(stopped('The ledger node has stopped because of a fault', error));
    },
  });

  const submit = createSubmit({
    hash,
    chainId,
    crypto,
    db,
    chain,
    mempool,
    clock,
    assertOpen() {
      if (failure !== undefined) throw failure;
    },
    onAdded: host.wake,
  });

  async function close(): Promise<void> {
    stopTaking(stopped('The ledger node is shutting down'));
    await consensus.stop();
    await db.close();
    await log.close();
    await lock.release();
  }

  try {
    await serials.recover();
    consensus.start(host);
  } catch (error) {
    await close();
    throw error;
  }

  return {
    ...reads,
    genesis: options.genesis,
    chainId,
    profile: genesis.profile,
    height: () => chain.head().height,
    read(key) {
      const bytes = reads.value(key);
      return bytes === undefined ? undefined : decodeCbor(bytes);
    },
    submit,
    receipt(txId) {
      const place = readTx(db, txId);
      return place === undefined ? undefined : viewOf(place);
    },
    subscribe(listener) {
      if (listeners.size >= LISTENERS_MAX) {
        throw new AppError('node/too-many-listeners', `At most ${LISTENERS_MAX} listeners.`);
      }
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    epochs: () => [],
    unitProof: serials.unitProof,
    putSerials: serials.put,
    totals: () => ({ transactions: chain.head().transactions, mempool: mempool.count }),
    stateRoot: () => chain.head().stateRoot,
    failure: () => failure,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

function stopped(what: string, cause?: unknown): AppError {
  return new AppError(
    'node/stopped',
    `${what}. What was waiting may or may not be in a block: submit the same bytes again when it runs.`,
    {},
    cause,
  );
}
