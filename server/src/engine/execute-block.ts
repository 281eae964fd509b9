// Runs transactions one after another against the state. Synchronous and without clock or chance: all validators get the same.

import {
  type Account,
  type ActiveRules,
  AppError,
  type CborValue,
  type CryptoProvider,
  type DecodedTx,
  encodeCbor,
  encodeReceipt,
  executeTx,
  type Hash,
  isAppError,
  type LedgerState,
  type Receipt,
  SCOPE_ROWS_PER_WRITE,
  type ScopeWrite,
  type StateWrite,
} from '@suyuan/contracts';
import type { StateChanges } from '../storage/state.ts';

export interface BlockContext {
  readonly hash: Hash;
  readonly crypto: CryptoProvider;
  readonly chainId: Uint8Array;
  readonly height: number;
  readonly time_ms: number;
  readonly rules: ActiveRules;
}

export interface BlockTx {
  readonly tx: DecodedTx;
  readonly txId: Uint8Array;
  /** Set when the signature was already verified under this account's key. */
  readonly verifiedSigner?: Account;
  /** 32 bytes: its leaf in the block's tree, where it is known. */
  readonly leaf?: Uint8Array;
}

export interface ExecutedBlock<T extends BlockTx> {
  readonly included: readonly T[];
  /** Of the included, in their order; with the encoded form beside. */
  readonly receipts: readonly Receipt[];
  readonly receiptBytes: readonly Uint8Array[];
  readonly changes: StateChanges;
  /** The same, not encoded. */
  readonly values: ReadonlyMap<string, CborValue | null>;
  readonly scopes: readonly ScopeWrite[];
  /** May not stand in this block, with the reason (`tx/*`). */
  readonly refused: readonly { readonly entry: T; readonly error: AppError }[];
}

/** What a block may hold: the same for whoever proposes it and whoever checks it. */
export interface BlockBudget {
  /** Of transactions and receipts with their frames. */
  readonly size_bytes: number;
  readonly txs: number;
  /** State entries written, each by each transaction: what a block costs beside its bytes. */
  readonly writes: number;
  /** State entries read: a recall's scope is walked lot by lot, whether its opening is refused or not. */
  readonly reads: number;
}

/** Bytes of CBOR around each transaction and receipt. */
const FRAME_BYTES = 10;

const NO_READS_LEFT = new Error('block: no reads left for the transaction');

/**
 * Takes transactions in order until one of the budgets is reached. `begin` is what the block writes before them. Throws only on a bug in
 * a rule.
 */
export function executeBlock<T extends BlockTx>(
  base: LedgerState,
  ctx: BlockContext,
  entries: Iterable<T>,
  budget: BlockBudget,
  begin: readonly StateWrite[] = [],
): ExecutedBlock<T> {
  const written = new Map<string, CborValue | null>(begin.map(({ key, value }) => [key, value]));
  const scopes: ScopeWrite[] = [];
  const scoped = new Map<string, ReadonlySet<string>>();
  const included: T[] = [];
  let left_reads = budget.reads;
  let reads = 0;
  // Stops a transaction that no longer fits before it costs more; alone in a block it runs to its own limit.
  const count = (more: number): void => {
    reads += more;
    if (reads > left_reads && included.length > 0) throw NO_READS_LEFT;
  };
  const state: LedgerState = {
    get(key) {
      count(1);
      const value = written.get(key);
      if (value === undefined) return base.get(key);
      return value === null ? undefined : value;
    },
    charge: (more) => count(more),
    inScope: (recall, lotKey) =>
      scoped.get(recall)?.has(lotKey) === true || base.inScope(recall, lotKey),
  };
  const receipts: Receipt[] = [];
  const receiptBytes: Uint8Array[] = [];
  const refused: { entry: T; error: AppError }[] = [];
  let left_bytes = budget.size_bytes;
  let left_writes = budget.writes;
  for (const entry of entries) {
    const { tx, txId, verifiedSigner } = entry;
    if (included.length >= budget.txs || tx.bytes.length + FRAME_BYTES > left_bytes) break;
    reads = 0;
    try {
      const {
        receipt,
        writes,
        scopes: opened,
      } = executeTx(state, tx, {
        ...ctx,
        txId,
        ...(verifiedSigner === undefined ? {} : { verifiedSigner }),
      });
      const bytes = encodeReceipt(receipt);
      const size_bytes = tx.bytes.length + bytes.length + 2 * FRAME_BYTES;
      if (size_bytes > left_bytes) {
        if (included.length > 0) break;
        throw new AppError(
          'tx/receipt-too-large',
          'The transaction reports more than a block holds.',
        );
      }
      const rows = opened.reduce((sum, scope) => sum + scope.rows, 0);
      const written_count = writes.length + Math.ceil(rows / SCOPE_ROWS_PER_WRITE);
      if (written_count > left_writes || reads > left_reads) {
        if (included.length > 0) break;
        throw new AppError(
          'tx/too-heavy',
          'The transaction reads or writes more than a block holds.',
        );
      }
      left_bytes -= size_bytes;
      left_writes -= written_count;
      left_reads -= reads;
      for (const { key, value } of writes) written.set(key, value);
      for (const scope of opened) {
        scopes.push(scope);
        scoped.set(scope.recall, new Set(scope.lots ?? []));
      }
      included.push(entry);
      receipts.push(receipt);
      receiptBytes.push(bytes);
    } catch (error) {
      if (error === NO_READS_LEFT) break;
      if (!isAppError(error)) throw error;
      refused.push({ entry, error });
    }
  }
  const changes = new Map<string, Uint8Array | null>();
  for (const [key, value] of written) changes.set(key, value === null ? null : encodeCbor(value));
  return { included, receipts, receiptBytes, changes, values: written, scopes, refused };
}
