// What validators sign (docs/formats.md §9). Each kind begins with a tag of its own, so that no signature passes as another.

import { AppError, encodeCbor, encodeVote } from '@suyuan/contracts';
import type { VoteKind } from './types.ts';

export interface VoteStatement {
  readonly kind: VoteKind;
  /** 32 bytes. */
  readonly chainId: Uint8Array;
  readonly epoch: number;
  readonly slot: number;
  /** 32 bytes, null for a skip vote. */
  readonly block: Uint8Array | null;
}

export interface ProposalStatement {
  /** 32 bytes. */
  readonly chainId: Uint8Array;
  readonly epoch: number;
  readonly slot: number;
  /** 32 bytes. */
  readonly block: Uint8Array;
  /** −1 for the root of the epoch. */
  readonly parentSlot: number;
}

/** The bytes of a vote. Those of a final vote are what a light client verifies (§4). Throws `consensus/bad-message` when a block is missing or too many. */
export function voteBytes({ kind, chainId, epoch, slot, block }: VoteStatement): Uint8Array {
  if ((kind === 'skip') !== (block === null)) {
    throw new AppError('consensus/bad-message', 'A skip vote names no block, any other vote one.');
  }
  if (block === null) return encodeCbor(['suyuan/skip/1', chainId, epoch, slot]);
  if (kind === 'final') return encodeVote({ chainId, epoch, slot, blockHash: block });
  return encodeCbor(['suyuan/notar/1', chainId, epoch, slot, block]);
}

/** The bytes that the leader of a slot signs. */
export function proposalBytes(p: ProposalStatement): Uint8Array {
  return encodeCbor(['suyuan/proposal/1', p.chainId, p.epoch, p.slot, p.block, p.parentSlot]);
}
