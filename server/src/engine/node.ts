// A ledger node: the ledger with its lock, the serial lists of labels, and what decides on blocks. Implements the LedgerPort of
// contracts for a gateway in the same process and the reads that the HTTP half serves.

import { rm } from 'node:fs/promises';
import type { AsyncCryptoProvider, CryptoProvider, RuleRegistry } from '@suyuan/contracts';
import { type DiskPort, lockDirectory, nodeDisk } from '@suyuan/durable';
import type { Consensus } from '../consensus/port.ts';
import { openStateDatabase } from '../storage/database.ts';
import type { SerialList } from '../storage/serial-files.ts';
import type { NodeClock } from './clock.ts';
import type { ArtifactOf } from './law.ts';
import { type Ledger, openLedger } from './ledger.ts';
import type { NodeLogger } from './logger.ts';
import type { MempoolLimits } from './mempool.ts';
import { assertFromGenesis } from './reindex.ts';
import { createSerials, type Serials } from './serials.ts';

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
  /** What this program can run; the product's rules unless given. */
  readonly rules?: RuleRegistry;
  readonly artifactOf?: ArtifactOf;
}

export interface LedgerNode extends Omit<Ledger, 'host' | 'db' | 'hash' | 'shut'> {
  unitProof: Serials['unitProof'];
  putSerials(list: SerialList): Promise<void>;
}

/**
 * Opens the directory, brings the state up to the block log and begins to make blocks. Where the program lacks the rules of the next
 * block it makes none: `failure()` says what to start instead, and reads are answered.
 */
export async function createNode(options: NodeOptions): Promise<LedgerNode> {
  const { directory, logger, consensus, reindex = false } = options;
  const { genesis: genesisBytes, consensus: _, reindex: __, disk = nodeDisk, ...shared } = options;
  const lock = await lockDirectory(directory);
  const ledger = await openLedger({
    ...shared,
    genesisBytes,
    disk,
    async openDatabase(stateDirectory) {
      if (reindex) {
        await assertFromGenesis(directory, stateDirectory);
        await rm(stateDirectory, { recursive: true, force: true });
      }
      return openStateDatabase(stateDirectory);
    },
  }).catch(async (error: unknown) => {
    await lock.release();
    throw error;
  });
  const { host, db, hash, shut, ...answers } = ledger;
  const serials = createSerials({ db, hash, directory, logger });
  let closing: Promise<void> | undefined;

  async function close(): Promise<void> {
    shut();
    await consensus.stop();
    await ledger.close();
    await lock.release();
  }

  try {
    await serials.recover();
    if (ledger.failure() === undefined) await consensus.start(host);
  } catch (error) {
    await close();
    throw error;
  }

  return {
    ...answers,
    unitProof: serials.unitProof,
    putSerials: serials.put,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
