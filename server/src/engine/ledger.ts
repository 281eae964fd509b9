// The ledger of one node without what only a process has: no lock, no serial lists, no consensus running yet. All of its I/O is
// given to it, so a simulation runs the same.

import {
  type ActiveRules,
  AppError,
  type AsyncCryptoProvider,
  type BlockNotice,
  type CryptoProvider,
  decodeCbor,
  type EpochEnd,
  type Hash,
  isAppError,
  type LedgerPort,
  openGenesis,
  RULE_REGISTRY,
  RULES_VERSION,
  type RuleRegistry,
  type StateReader,
} from '@suyuan/contracts';
import type { DiskPort } from '@suyuan/durable';
import type { ConsensusHost } from '../consensus/port.ts';
import { openStateDatabase, type StateDatabase } from '../storage/database.ts';
import { readTx } from '../storage/tx-index.ts';
import type { Candidate } from './candidate.ts';
import type { NodeClock } from './clock.ts';
import { createConsensusHost, type EngineHost, settleMempool } from './host.ts';
import { type ArtifactOf, blockRules, withArtifacts } from './law.ts';
import type { NodeLogger } from './logger.ts';
import { createMempool, MEMPOOL_LIMITS, type MempoolLimits } from './mempool.ts';
import { createReads, type Reads } from './reads.ts';
import { openChain } from './recover.ts';
import { createSubmit, viewOf } from './submit.ts';

export interface LedgerOptions {
  /** Holds the block log and the state; the caller holds its lock. */
  readonly directory: string;
  /** The encoded genesis. */
  readonly genesisBytes: Uint8Array;
  /** One with `verifyAsync` keeps signatures off the main thread. */
  readonly crypto: CryptoProvider | AsyncCryptoProvider;
  readonly clock: NodeClock;
  readonly logger: NodeLogger;
  readonly disk: DiskPort;
  /** LMDB in that directory unless given. */
  readonly openDatabase?: (directory: string) => Promise<StateDatabase>;
  /** What this program can run; the product's rules unless given. */
  readonly rules?: RuleRegistry;
  /** The hash of the artifact that this program has for a version of a module, 64 hex digits, where it is known. */
  readonly artifactOf?: ArtifactOf;
  readonly mempool?: Partial<MempoolLimits>;
}

export interface Ledger extends LedgerPort, Reads {
  /** The encoded genesis. */
  readonly genesis: Uint8Array;
  readonly hash: Hash;
  readonly db: StateDatabase;
  /** For the consensus engine. */
  readonly host: ConsensusHost;
  /** The rules that a block of this height runs upon that state. Throws `node/missing-rules`. */
  rulesOf(state: StateReader, height: number): ActiveRules;
  /** The blocks that ended an epoch, oldest first. */
  epochs(): readonly EpochEnd[];
  totals(): { readonly transactions: number; readonly mempool: number };
  /** 32 bytes: of the last block in the database. */
  stateRoot(): Uint8Array;
  /** Why the node takes no transactions any more; undefined while all is well. */
  failure(): AppError | undefined;
  /** Takes nothing more; what waits is rejected with `node/stopped`. Before the consensus is stopped. */
  shut(): void;
  /** After `shut`, and when the consensus has stopped. */
  close(): Promise<void>;
}

const LISTENERS_MAX = 1024;

/** Opens the directory and brings the state up to the block log. Rejects with `node/*`, `state/*`, `durable/*`, `ledger/*` or `certificate/*`. */
export async function openLedger(options: LedgerOptions): Promise<Ledger> {
  const { directory, clock, logger, crypto, genesisBytes, disk } = options;
  const { genesis, hash, chainId } = openGenesis(crypto, genesisBytes);
  if (genesis.rules !== RULES_VERSION) {
    throw new AppError(
      'node/other-rules',
      `The ledger runs rules of version ${genesis.rules}, this program has version ${RULES_VERSION}. Start the program of that version.`,
      { genesis: genesis.rules, program: RULES_VERSION },
    );
  }
  const registry = options.rules ?? RULE_REGISTRY;
  const rules =
    options.artifactOf === undefined ? registry : withArtifacts(registry, options.artifactOf);
  const mempool = createMempool({ ...MEMPOOL_LIMITS, ...options.mempool });
  const listeners = new Set<(notice: BlockNotice) => void>();
  let failure: AppError | undefined;

  function onStored(blocks: readonly Candidate[]): void {
    settleMempool(mempool, blocks);
    for (const { header, changedKeys } of blocks) {
      const { height, time_ms } = header;
      for (const listener of listeners) {
        try {
          listener({ height, time_ms, changedKeys });
        } catch (error) {
          logger.error({ err: error }, 'A listener to blocks failed');
        }
      }
    }
  }

  const waiting = mempool.findByLeaf;
  const { chain, db, log, missingRules } = await openChain(
    { genesis, chainId, hash, crypto, rules, waiting, onStored },
    {
      directory,
      genesisBytes,
      logger,
      disk,
      openDatabase: options.openDatabase ?? openStateDatabase,
    },
  );
  const reads = createReads({ db, log, hash });

  function stopTaking(reason: AppError): void {
    failure ??= reason;
    mempool.clear(reason);
  }

  function onFailure(error: unknown): void {
    if (failure !== undefined) return;
    logger.error({ err: error }, 'The ledger node stopped');
    // Its own message says all that there is to do.
    const told = isAppError(error, 'node/missing-rules') || isAppError(error, 'consensus');
    stopTaking(told ? error : stopped('The ledger node has stopped because of a fault', error));
  }

  const { submit, receive } = createSubmit({
    hash,
    chainId,
    crypto,
    rules,
    chain,
    mempool,
    clock,
    assertOpen() {
      if (failure !== undefined) throw failure;
    },
    onAdded: (entry, from) => host.added(entry, from),
  });
  const { profile } = genesis;
  const host: EngineHost = {
    ...createConsensusHost({
      ...{ chain, log, mempool, chainId, profile, hash, crypto, clock, logger },
      receive,
      onFailure,
    }),
    base: reads.base,
    hold: reads.hold,
  };
  if (missingRules !== undefined) onFailure(missingRules);

  return {
    ...reads,
    genesis: genesisBytes,
    hash,
    db,
    host,
    chainId,
    profile,
    height: () => chain.stored().height,
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
    rulesOf: (state, height) => blockRules(rules, state, height).active,
    epochs: chain.epochEnds,
    totals: () => ({ transactions: chain.stored().transactions, mempool: mempool.count }),
    stateRoot: () => chain.stored().stateRoot,
    failure: () => failure,
    shut: () => stopTaking(stopped('The ledger node is shutting down')),
    async close() {
      await chain.idle();
      await db.close();
      await log.close();
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
