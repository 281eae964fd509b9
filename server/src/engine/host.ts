// The engine's side of the consensus port: blocks out of the mempool, certified blocks into the chain, and word to those who
// wait for them.

import type { BlockNotice, Hash, Validator } from '@suyuan/contracts';
import type { ConsensusHost, ProposedBlock } from '../consensus/port.ts';
import type { Candidate } from './candidate.ts';
import type { Chain } from './chain.ts';
import type { NodeClock } from './clock.ts';
import type { NodeLogger } from './logger.ts';
import type { Mempool } from './mempool.ts';

export interface HostParts {
  readonly chain: Chain;
  readonly mempool: Mempool;
  readonly chainId: Uint8Array;
  readonly hash: Hash;
  readonly validators: readonly Validator[];
  readonly clock: NodeClock;
  readonly logger: NodeLogger;
  readonly onCommitted: (notice: BlockNotice) => void;
  readonly onFailure: (error: unknown) => void;
}

export function createConsensusHost(parts: HostParts): ConsensusHost & { wake(): void } {
  const { chain, mempool } = parts;
  const listeners = new Set<() => void>();
  // What `commit` needs of a block stays here: the consensus engine only holds its public face.
  const candidates = new WeakMap<ProposedBlock, Candidate>();

  function offer(candidate: Candidate): ProposedBlock {
    const { header, headerBytes, blockHash, executed } = candidate;
    const block: ProposedBlock = {
      height: header.height,
      headerBytes,
      blockHash,
      txs: executed.included.map(({ tx }) => tx.bytes),
    };
    candidates.set(block, candidate);
    return block;
  }

  return {
    chainId: parts.chainId,
    hash: parts.hash,
    epoch: chain.epoch,
    validators: parts.validators,
    clock: parts.clock,
    logger: parts.logger,
    head: chain.head,
    pending: () => mempool.count,
    onPending(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    wake() {
      for (const listener of listeners) listener();
    },
    propose(args) {
      const candidate = chain.propose(mempool.entries(), args);
      for (const { entry, error } of candidate.executed.refused) {
        mempool.remove(entry.txId);
        entry.reject(error);
      }
      return offer(candidate);
    },
    validate: (headerBytes, txs) => offer(chain.validate(headerBytes, txs)),
    async commit(block, certificate) {
      const candidate = candidates.get(block);
      if (candidate === undefined) throw new Error('host: the block is not one of this host');
      await chain.commit(candidate, certificate);
      announce(parts, candidate);
    },
    fail: parts.onFailure,
  };
}

function announce({ mempool, onCommitted }: HostParts, { header, executed }: Candidate): void {
  const { height, time_ms } = header;
  for (const { txId, ok, code } of executed.receipts) {
    const entry = mempool.find(txId);
    mempool.remove(txId);
    entry?.resolve({ txId, ok, code, height, time_ms });
  }
  onCommitted({ height, time_ms, changedKeys: [...executed.changes.keys()] });
}
