// The one hand that holds a validator's secret key. It remembers in a file of its own what it signed and signs nothing that conflicts,
// whatever it is asked.

import type { PublicKey } from '@suyuan/contracts';

/** What is signed about one slot of one epoch. `block` is 32 bytes. */
export type SignedStatement =
  | {
      readonly kind: 'propose';
      readonly epoch: number;
      readonly slot: number;
      readonly block: Uint8Array;
      readonly parentSlot: number;
    }
  | {
      readonly kind: 'notar';
      readonly epoch: number;
      readonly slot: number;
      readonly block: Uint8Array;
    }
  | { readonly kind: 'skip'; readonly epoch: number; readonly slot: number }
  | {
      readonly kind: 'final';
      readonly epoch: number;
      readonly slot: number;
      readonly block: Uint8Array;
    };

export interface Signer {
  readonly key: PublicKey;
  /** What was signed in this epoch above the slots that are released, each once, oldest first: with it a restarted node goes on. */
  signed(epoch: number): readonly SignedStatement[];
  /**
   * Signatures of 64 bytes, in order; all of them remembered durably before it resolves. The same statement again is signed again. Rejects
   * with `signer/conflict` (nothing of the call is signed) when one conflicts with what was signed: another proposal or notar vote of
   * the slot, a final vote without the notar vote for that block or beside a skip vote, a skip vote beside a final vote, a slot that
   * was released; with `signer/guard-*` when the file cannot be trusted or written any more.
   */
  sign(statements: readonly SignedStatement[]): Promise<readonly Uint8Array[]>;
  /** Up to where everything was released, whatever the node's other files say; null before the first release. */
  released(): { readonly epoch: number; readonly slot: number } | null;
  /** Everything of earlier epochs and of slots up to this one is final: nothing there will be signed again, and it may be forgotten. */
  release(epoch: number, slot: number): Promise<void>;
  /** Signs the transcript of a connection's handshake: bytes that begin with a domain of their own, never a statement about a slot. */
  signHandshake(transcript: Uint8Array): Uint8Array;
  close(): Promise<void>;
}
