// A block that is executed but not yet certified: its header, and all that the database will hold of it.

import {
  blockHash,
  encodeHeader,
  equalBytes,
  type Hash,
  type Header,
  leafHash,
  logRoot,
  type Receipt,
  VALIDATORS_KEY,
} from '@suyuan/contracts';
import { anchorWrites } from '../storage/anchor-index.ts';
import type { Snapshot, TableWrite } from '../storage/database.ts';
import { scopeWrites } from '../storage/recall-scopes.ts';
import { stateUpdate } from '../storage/state.ts';
import { traceWrites } from '../storage/trace-index.ts';
import { txWrite } from '../storage/tx-index.ts';
import type { BlockContext, BlockTx, ExecutedBlock } from './execute-block.ts';
import { type VotingSet, votingSet } from './law.ts';

export interface Candidate {
  readonly header: Header;
  readonly headerBytes: Uint8Array;
  readonly blockHash: Uint8Array;
  readonly txs: readonly Uint8Array[];
  readonly receipts: readonly Receipt[];
  readonly receiptBytes: readonly Uint8Array[];
  readonly changedKeys: readonly string[];
  /** Values, tree and every index; all but the head. */
  readonly writes: readonly TableWrite[];
  /** Who votes on the block after it. */
  readonly next: VotingSet;
  readonly endsEpoch: boolean;
}

export interface SealParts {
  readonly previous: Uint8Array;
  readonly proposer: string;
  /** Who votes on this block. */
  readonly set: VotingSet;
}

/** The header over an executed block, and what is to be written. `at` is the state before it. */
export function sealBlock(
  at: Snapshot,
  ctx: BlockContext,
  executed: ExecutedBlock<BlockTx>,
  { previous, proposer, set }: SealParts,
): Candidate {
  const { hash, height, time_ms } = ctx;
  const { included, receipts, receiptBytes, changes, values } = executed;
  const state = stateUpdate(hash, at, changes);
  const next = setAfter(hash, values, set);
  const header: Header = {
    chainId: ctx.chainId,
    height,
    previous,
    time_ms,
    proposer,
    txRoot: logRoot(
      hash,
      included.map(({ tx, leaf }) => leaf ?? leafHash(hash, tx.bytes)),
    ),
    receiptRoot: logRoot(
      hash,
      receiptBytes.map((bytes) => leafHash(hash, bytes)),
    ),
    stateRoot: state.root,
    validators: set.hash,
    nextValidators: next.hash,
    rules: ctx.rules.version,
  };
  const headerBytes = encodeHeader(header);
  const places = receipts.map(({ txId, ok, code }, index) =>
    txWrite({ txId, height, index, time_ms, ok, code }),
  );
  return {
    header,
    headerBytes,
    blockHash: blockHash(hash, headerBytes),
    txs: included.map(({ tx }) => tx.bytes),
    receipts,
    receiptBytes,
    changedKeys: [...changes.keys()],
    writes: [
      ...state.writes,
      ...scopeWrites(at, executed.scopes),
      ...places,
      ...anchorWrites(hash, at, receipts),
      ...traceWrites(at, values),
    ],
    next,
    endsEpoch: !equalBytes(next.hash, set.hash),
  };
}

function setAfter(hash: Hash, values: ExecutedBlock<BlockTx>['values'], set: VotingSet): VotingSet {
  const value = values.get(VALIDATORS_KEY) ?? undefined;
  if (value === undefined) return set;
  return votingSet(hash, { get: (key) => (key === VALIDATORS_KEY ? value : undefined) });
}
