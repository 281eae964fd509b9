// Transactions that wait for a block, in the order in which they were verified. Each would have been accepted when it came.

import {
  type Account,
  AppError,
  bytesToHex,
  type DecodedTx,
  type ReceiptView,
} from '@suyuan/contracts';

export interface MempoolLimits {
  readonly count: number;
  readonly size_bytes: number;
  /** Of one signer, so that none keeps the others out. */
  readonly perSigner: number;
}

export const MEMPOOL_LIMITS: MempoolLimits = {
  count: 20_000,
  size_bytes: 64 * 1024 * 1024,
  perSigner: 10_000,
};

export interface MempoolEntry {
  readonly tx: DecodedTx;
  readonly txId: Uint8Array;
  readonly verifiedSigner: Account;
  /** Settles when the transaction is committed, refused by a block, or the node stops. */
  readonly receipt: Promise<ReceiptView>;
  readonly resolve: (receipt: ReceiptView) => void;
  readonly reject: (error: unknown) => void;
}

export interface Mempool {
  /** Throws `tx/mempool-full`, `tx/too-many-waiting` or `tx/duplicate-key`. */
  add(waiting: Pick<MempoolEntry, 'tx' | 'txId' | 'verifiedSigner'>): MempoolEntry;
  find(txId: Uint8Array): MempoolEntry | undefined;
  /** Throws as `add`, without adding. */
  assertRoom(tx: DecodedTx): void;
  entries(): Iterable<MempoolEntry>;
  remove(txId: Uint8Array): void;
  /** Rejects and removes all. */
  clear(error: AppError): void;
  readonly count: number;
  readonly size_bytes: number;
}

export function createMempool(limits: MempoolLimits): Mempool {
  const entries = new Map<string, MempoolEntry>();
  const keys = new Set<string>();
  const bySigner = new Map<string, number>();
  let size_bytes = 0;

  function assertRoom(tx: DecodedTx): void {
    if (keys.has(keyOf(tx))) {
      throw new AppError(
        'tx/duplicate-key',
        'A transaction with this idempotency key is waiting; a new request needs a new key.',
      );
    }
    if (entries.size >= limits.count || size_bytes + tx.bytes.length > limits.size_bytes) {
      throw new AppError(
        'tx/mempool-full',
        'The node has more waiting than it takes; try the same bytes again in a few seconds.',
        { waiting: entries.size },
      );
    }
    if ((bySigner.get(tx.signer) ?? 0) >= limits.perSigner) {
      throw new AppError(
        'tx/too-many-waiting',
        `This account has ${limits.perSigner} transactions waiting; send more when some are committed.`,
        { limit: limits.perSigner },
      );
    }
  }

  return {
    assertRoom,
    add({ tx, txId, verifiedSigner }) {
      assertRoom(tx);
      const { promise: receipt, resolve, reject } = deferred<ReceiptView>();
      // Whoever submitted it sees the rejection; without anyone it must not stop the process.
      receipt.catch(() => {});
      const entry: MempoolEntry = { tx, txId, verifiedSigner, receipt, resolve, reject };
      entries.set(bytesToHex(txId), entry);
      keys.add(keyOf(tx));
      bySigner.set(tx.signer, (bySigner.get(tx.signer) ?? 0) + 1);
      size_bytes += tx.bytes.length;
      return entry;
    },
    find: (txId) => entries.get(bytesToHex(txId)),
    entries: () => entries.values(),
    remove(txId) {
      const id = bytesToHex(txId);
      const entry = entries.get(id);
      if (entry === undefined) return;
      const { tx } = entry;
      entries.delete(id);
      keys.delete(keyOf(tx));
      const left = (bySigner.get(tx.signer) ?? 1) - 1;
      if (left === 0) bySigner.delete(tx.signer);
      else bySigner.set(tx.signer, left);
      size_bytes -= tx.bytes.length;
    },
    clear(error) {
      for (const { reject } of entries.values()) reject(error);
      entries.clear();
      keys.clear();
      bySigner.clear();
      size_bytes = 0;
    },
    get count() {
      return entries.size;
    },
    get size_bytes() {
      return size_bytes;
    },
  };
}

function keyOf({ signer, idempotencyKey }: DecodedTx): string {
  return `${signer}/${bytesToHex(idempotencyKey)}`;
}

function deferred<T>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: unknown) => void;
} {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
