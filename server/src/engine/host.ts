// The engine's side of the consensus port: blocks out of the mempool, certified blocks into the chain, and word to those who
// wait for them.

import {
  AppError,
  blockHash,
  type CryptoProvider,
  type Hash,
  isAppError,
  type Profile,
} from '@suyuan/contracts';
import type { ConsensusHost, ProposedBlock } from '../consensus/port.ts';
import type { BlockLog } from '../storage/block-log.ts';
import type { Candidate } from './candidate.ts';
import type { Chain } from './chain.ts';
import type { NodeClock } from './clock.ts';
import type { Layer } from './layer.ts';
import type { NodeLogger } from './logger.ts';
import type { Mempool, MempoolEntry } from './mempool.ts';

export interface HostParts {
  readonly chain: Chain;
  readonly log: BlockLog;
  readonly mempool: Mempool;
  readonly chainId: Uint8Array;
  readonly profile: Profile;
  readonly hash: Hash;
  readonly crypto: CryptoProvider;
  readonly clock: NodeClock;
  readonly logger: NodeLogger;
  readonly receive: (tx: Uint8Array, from: string) => Promise<void>;
  readonly onFailure: (error: unknown) => void;
}

export interface EngineHost extends ConsensusHost {
  /** A transaction came into the mempool. */
  added(entry: MempoolEntry, from: string | null): void;
}

export function createConsensusHost(parts: HostParts): EngineHost {
  const { chain, mempool, log, hash } = parts;
  const pending = new Set<() => void>();
  const accepted = new Set<(tx: Uint8Array, from: string | null) => void>();

  /** A block that needs rules which this program lacks stops the node once the chain itself has come there. */
  function guarded(error: unknown): unknown {
    if (isAppError(error, 'node/missing-rules')) {
      const reason = chain.missingRules();
      if (reason !== undefined) parts.onFailure(reason);
    }
    return error;
  }

  async function guardedAsync<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      throw guarded(error);
    }
  }

  return {
    chainId: parts.chainId,
    profile: parts.profile,
    hash,
    crypto: parts.crypto,
    clock: parts.clock,
    logger: parts.logger,
    head() {
      const { height, blockHash: id, time_ms } = chain.tip();
      return { height, blockHash: id, time_ms, certificate: chain.certificate() };
    },
    epoch() {
      const { epoch, members: validators, from: firstHeight } = chain.tip().set;
      const end = chain.epochEnds().at(-1);
      const root = end === undefined ? parts.chainId : blockHash(hash, end.header);
      return { epoch, validators, root, firstHeight };
    },
    pending(upon) {
      const layer = upon === undefined ? undefined : chain.layer(upon);
      if (layer === undefined) return mempool.count;
      let held = 0;
      for (const { candidate } of chain.pathTo(layer)) {
        for (const { txId } of candidate.receipts) {
          if (mempool.find(txId) !== undefined) held += 1;
        }
      }
      return mempool.count - held;
    },
    onPending: (listener) => listen(pending, listener),
    onAccepted: (listener) => listen(accepted, listener),
    receive: parts.receive,
    *waiting() {
      for (const { tx } of mempool.waiting()) yield tx.bytes;
    },
    added({ tx }, from) {
      for (const listener of accepted) listener(tx.bytes, from);
      for (const listener of pending) listener();
    },
    propose(args) {
      try {
        const { layer, refused } = chain.propose(mempool.entries(), args);
        // Upon an uncommitted parent it may be refused for what that did; the parent may yet be dropped.
        if (layer.parent === undefined) {
          for (const { entry, error } of refused) reject(mempool, entry, error);
        }
        return offer(layer);
      } catch (error) {
        throw guarded(error);
      }
    },
    validate: (headerBytes, txs) =>
      guardedAsync(async () => offer(await chain.validate(headerBytes, txs))),
    executed(id) {
      const layer = chain.executed(id);
      return layer === undefined ? undefined : offer(layer);
    },
    commit: (id, certificate) => chain.commit(id, certificate),
    take: (block) => guardedAsync(() => chain.take(block)),
    block: (height) => log.read(height),
    fail: parts.onFailure,
  };
}

function listen<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function offer({ candidate, height, blockHash: id, time_ms }: Layer): ProposedBlock {
  const { header, headerBytes, txs, endsEpoch } = candidate;
  return { height, headerBytes, blockHash: id, previous: header.previous, time_ms, txs, endsEpoch };
}

function reject(mempool: Mempool, entry: MempoolEntry, error: AppError): void {
  mempool.remove(entry.txId);
  entry.reject(error);
}

/** Answers those whose transactions are in these blocks, lowest first, and those whose transactions can be in none any more. */
export function settleMempool(mempool: Mempool, blocks: readonly Candidate[]): void {
  for (const { header, receipts } of blocks) {
    const { height, time_ms } = header;
    for (const { txId, ok, code } of receipts) {
      const entry = mempool.find(txId);
      mempool.remove(txId);
      entry?.resolve({ txId, ok, code, height, time_ms });
    }
  }
  const height = (blocks.at(-1)?.header.height ?? 0) + 1;
  for (const { tx, reject: settle } of mempool.expire(height)) {
    settle(
      new AppError(
        'tx/expired',
        'The transaction has expired while it waited; sign it again with a later validUntilHeight.',
        { height, validUntilHeight: tx.validUntilHeight },
      ),
    );
  }
}
