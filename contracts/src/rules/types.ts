// What a rule module is: pure functions from (state, payload, context) to writes and events. No clock, no chance, no I/O;
// the same inputs give the same bytes on every validator.

import type { Static, TSchema } from 'typebox';
import type { CryptoProvider, Hash } from '../crypto/types.ts';
import type { CborObject, CborValue } from '../encoding/types.ts';
import type { Account } from '../ledger/account.ts';
import type { LedgerEvent } from '../ledger/block.ts';

/** The committed state, plus what earlier transactions of the block wrote. Values are decoded CBOR. */
export interface StateReader {
  get(key: string): CborValue | undefined;
  /** Counts work beside reading as so many reads; absent where nobody counts. Throws as `get` beyond the limit. */
  charge?(reads: number): void;
}

/** The state as rules see it: also which lots are in the scope of a recall, which the recall's Merkle root commits to. */
export interface LedgerState extends StateReader {
  /** Whether the lot with this `lots/…` key is in the scope of the recall. */
  inScope(recall: string, lotKey: string): boolean;
}

/** The `lots/…` keys in a new recall's scope; kept beside the tree, for its root is in the recall's record. */
export interface ScopeWrite {
  readonly recall: string;
  /** `null` drops those that there are. */
  readonly lots: readonly string[] | null;
  /** How many are kept or dropped: counted as writes, see SCOPE_ROWS_PER_WRITE. */
  readonly rows: number;
}

/** `null` removes the key. */
export interface StateWrite {
  readonly key: string;
  readonly value: CborValue | null;
}

export interface RuleContext {
  readonly hash: Hash;
  /** For messages that a payload carries under another's signature. */
  readonly crypto: CryptoProvider;
  /** 32 bytes. */
  readonly chainId: Uint8Array;
  readonly height: number;
  /** The block's time. */
  readonly time_ms: number;
  /** 32 bytes. */
  readonly txId: Uint8Array;
  /** Active, and its signature verified. */
  readonly signer: Account;
  /** Blocks between the approval of an upgrade and its height, at least. */
  readonly noticeBlocks: number;
  /** Runs an action as this signer against `state`; for `batch.run` alone. Throws the rule's AppError. */
  readonly call: (
    state: LedgerState,
    module: string,
    action: string,
    payload: CborObject,
  ) => Effects;
}

export interface Effects {
  readonly writes: readonly StateWrite[];
  readonly events: readonly LedgerEvent[];
  readonly scopes?: readonly ScopeWrite[];
}

/** An action after its payload schema has passed. Throws AppError with the rule's code to refuse. */
export interface Action {
  readonly schema: TSchema;
  readonly apply: (state: LedgerState, payload: never, ctx: RuleContext) => Effects;
}

export interface RuleModule {
  readonly name: string;
  /** 1 where the genesis has the module; each upgrade is one more. */
  readonly version: number;
  /** 32 bytes, SHA-256 of its source, where the program knows it: an upgrade names what it wants. */
  readonly artifact?: Uint8Array;
  readonly actions: Readonly<Record<string, Action>>;
}

/** Ties a payload's type to its schema, so that both come from one place. */
export function defineAction<S extends TSchema>(
  schema: S,
  apply: (state: LedgerState, payload: Static<S>, ctx: RuleContext) => Effects,
): Action {
  return { schema, apply: apply as Action['apply'] };
}
