// Runs transactions one after another against the state. Synchronous and without clock or chance: all validators get the same.

import {
  type Account,
  AppError,
  type CborValue,
  type CryptoProvider,
  type DecodedTx,
  encodeCbor,
  encodeReceipt,
  executeTx,
  type Hash,
  isAppError,
  type Receipt,
  type StateReader,
} from '@suyuan/contracts';
import type { StateChanges } from '../storage/state.ts';

export interface BlockContext {
  readonly hash: Hash;
  readonly crypto: CryptoProvider;
  readonly chainId: Uint8Array;
  readonly height: number;
  readonly time_ms: number;
}

export interface BlockTx {
  readonly tx: DecodedTx;
  readonly txId: Uint8Array;
  /** Set when the signature was already verified under this account's key. */
  readonly verifiedSigner?: Account;
}

export interface ExecutedBlock<T extends BlockTx> {
  readonly included: readonly T[];
  /** Of the included, in their order; with the encoded form beside. */
  readonly receipts: readonly Receipt[];
  readonly receiptBytes: readonly Uint8Array[];
  readonly changes: StateChanges;
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
}

/** Bytes of CBOR around each transaction and receipt. */
const FRAME_BYTES = 10;

/** Takes transactions in order until one of the budgets is reached. Throws only on a bug in a rule. */
export function executeBlock<T extends BlockTx>(
  base: StateReader,
  ctx: BlockContext,
  entries: Iterable<T>,
  budget: BlockBudget,
): ExecutedBlock<T> {
  const written = new Map<string, CborValue | null>();
  const state: StateReader = {
    get(key) {
      const value = written.get(key);
      if (value === undefined) return base.get(key);
      return value === null ? undefined : value;
    },
  };
  const included: T[] = [];
  const receipts: Receipt[] = [];
  const receiptBytes: Uint8Array[] = [];
  const refused: { entry: T; error: AppError }[] = [];
  let left_bytes = budget.size_bytes;
  let left_writes = budget.writes;
  for (const entry of entries) {
    const { tx, txId, verifiedSigner } = entry;
    if (included.length >= budget.txs || tx.bytes.length + FRAME_BYTES > left_bytes) break;
    try {
      const { receipt, writes } = executeTx(state, tx, {
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
      if (writes.length > left_writes) {
        if (included.length > 0) break;
        throw new AppError('tx/too-heavy', 'The transaction writes more than a block holds.');
      }
      left_bytes -= size_bytes;
      left_writes -= writes.length;
      for (const { key, value } of writes) written.set(key, value);
      included.push(entry);
      receipts.push(receipt);
      receiptBytes.push(bytes);
    } catch (error) {
      if (!isAppError(error)) throw error;
      refused.push({ entry, error });
    }
  }
  const changes = new Map<string, Uint8Array | null>();
  for (const [key, value] of written) changes.set(key, value === null ? null : encodeCbor(value));
  return { included, receipts, receiptBytes, changes, refused };
}
