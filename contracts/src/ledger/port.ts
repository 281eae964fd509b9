// The port through which a gateway, a console or a test reaches a ledger. The engine behind it may be ours or another
// consortium's: it only has to run the same rules (docs/formats.md §4).

import type { CborValue } from '../encoding/types.ts';
import type { Profile } from './profile.ts';

/** What became of a transaction. `code` is empty when `ok`; otherwise the rule's error code. */
export interface ReceiptView {
  readonly txId: Uint8Array;
  readonly ok: boolean;
  readonly code: string;
  readonly height: number;
  readonly time_ms: number;
}

/** Told after each committed block. `changedKeys` are the state keys it wrote. */
export interface BlockNotice {
  readonly height: number;
  readonly time_ms: number;
  readonly changedKeys: readonly string[];
}

export interface LedgerPort {
  readonly chainId: Uint8Array;
  readonly profile: Profile;
  /** Height of the last committed block. */
  height(): number;
  /** The committed value under a state key, decoded, or undefined. Synchronous: a node reads its own state. */
  read(key: string): CborValue | undefined;
  /**
   * Hands in a signed transaction and resolves with its receipt once committed. Submitting the same bytes again gives the
   * same receipt. Rejects with an AppError (`tx/*`, or the rule's code) when it is refused before entering a block.
   */
  submit(tx: Uint8Array): Promise<ReceiptView>;
  /** The receipt of a committed transaction, or undefined. */
  receipt(txId: Uint8Array): ReceiptView | undefined;
  /** Calls `listener` after every committed block; returns the function that stops it. */
  subscribe(listener: (notice: BlockNotice) => void): () => void;
}
