// A block that is executed but not yet certified.

import {
  blockHash,
  encodeHeader,
  type Header,
  leafHash,
  logRoot,
  RULES_VERSION,
} from '@suyuan/contracts';
import type { Snapshot, TableWrite } from '../storage/database.ts';
import { scopeWrites } from '../storage/recall-scopes.ts';
import { stateUpdate } from '../storage/state.ts';
import type { BlockContext, BlockTx, ExecutedBlock } from './execute-block.ts';

export interface Candidate<T extends BlockTx = BlockTx> {
  readonly header: Header;
  readonly headerBytes: Uint8Array;
  readonly blockHash: Uint8Array;
  readonly executed: ExecutedBlock<T>;
  /** Values, tree and the scopes of recalls. */
  readonly stateWrites: readonly TableWrite[];
}

/** The header over an executed block. `at` is the state before it. */
export function sealBlock<T extends BlockTx>(
  at: Snapshot,
  ctx: BlockContext,
  executed: ExecutedBlock<T>,
  parts: { previous: Uint8Array; proposer: string; validators: Uint8Array },
): Candidate<T> {
  const { hash } = ctx;
  const state = stateUpdate(hash, at, executed.changes);
  const rootOf = (leaves: readonly Uint8Array[]) =>
    logRoot(
      hash,
      leaves.map((leaf) => leafHash(hash, leaf)),
    );
  const header: Header = {
    chainId: ctx.chainId,
    height: ctx.height,
    previous: parts.previous,
    time_ms: ctx.time_ms,
    proposer: parts.proposer,
    txRoot: rootOf(executed.included.map(({ tx }) => tx.bytes)),
    receiptRoot: rootOf(executed.receiptBytes),
    stateRoot: state.root,
    validators: parts.validators,
    // The rules of version 1 cannot change the set, so the one epoch never ends.
    nextValidators: parts.validators,
    rules: RULES_VERSION,
  };
  const headerBytes = encodeHeader(header);
  return {
    header,
    headerBytes,
    blockHash: blockHash(hash, headerBytes),
    executed,
    stateWrites: [...state.writes, ...scopeWrites(at, executed.scopes)],
  };
}
