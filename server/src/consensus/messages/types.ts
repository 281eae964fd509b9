// The messages of the channel `consensus` (docs/formats.md §9), decoded but not yet verified.

import type { CertificateSignature } from '@suyuan/contracts';

export type VoteKind = 'notar' | 'skip' | 'final';

/** `block` is 32 bytes, null for a skip vote. */
export interface VoteMessage {
  readonly type: 'vote';
  readonly kind: VoteKind;
  readonly epoch: number;
  readonly slot: number;
  readonly block: Uint8Array | null;
  /** Position in the set. */
  readonly validator: number;
  readonly signature: Uint8Array;
}

export interface CertificateMessage {
  readonly type: 'certificate';
  readonly kind: VoteKind;
  readonly epoch: number;
  readonly slot: number;
  readonly block: Uint8Array | null;
  /** Ascending by validator. */
  readonly signatures: readonly CertificateSignature[];
}

/** A candidate. `body` null: a repeat, the block of the parent once more. The parent's slot is −1 for the root of the epoch. */
export interface ProposalMessage {
  readonly type: 'proposal';
  readonly epoch: number;
  readonly slot: number;
  readonly block: Uint8Array;
  readonly parentSlot: number;
  readonly parentBlock: Uint8Array;
  readonly body: { readonly header: Uint8Array; readonly txs: readonly Uint8Array[] } | null;
  /** The leader's, over ["suyuan/proposal/1", chainId, epoch, slot, block, parentSlot]. */
  readonly signature: Uint8Array;
}

/** Asks for a candidate by slot and block; the answer is its proposal message. */
export interface FetchMessage {
  readonly type: 'fetch';
  readonly epoch: number;
  readonly slot: number;
  readonly block: Uint8Array;
}

export type ConsensusMessage = VoteMessage | CertificateMessage | ProposalMessage | FetchMessage;
