// Transactions that wait for a block: of each signer in the order in which they were verified, signers by turns. Each would
// have been accepted when it came.

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
  readonly perSigner_bytes: number;
  /** Parts of `count` and `size_bytes` for gateways alone: evidence that is not anchored in time is late for ever. */
  readonly gatewayCount: number;
  readonly gateway_bytes: number;
}

export const MEMPOOL_LIMITS: MempoolLimits = {
  count: 20_000,
  size_bytes: 64 * 1024 * 1024,
  perSigner: 1_000,
  perSigner_bytes: 8 * 1024 * 1024,
  gatewayCount: 2_000,
  gateway_bytes: 8 * 1024 * 1024,
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
  assertRoom(tx: DecodedTx, signer: Pick<Account, 'roles'>): void;
  /** The signers by turns, of each the oldest first. */
  entries(): Iterable<MempoolEntry>;
  remove(txId: Uint8Array): void;
  /** Rejects and removes all. */
  clear(error: AppError): void;
  readonly count: number;
  readonly size_bytes: number;
}

interface Share {
  readonly entries: Map<string, MempoolEntry>;
  size_bytes: number;
}

export function createMempool(limits: MempoolLimits): Mempool {
  const entries = new Map<string, MempoolEntry>();
  const keys = new Set<string>();
  const shares = new Map<string, Share>();
  let size_bytes = 0;

  function assertRoom(tx: DecodedTx, { roles }: Pick<Account, 'roles'>): void {
    if (keys.has(keyOf(tx))) {
      throw new AppError(
        'tx/duplicate-key',
        'A transaction with this idempotency key is waiting; a new request needs a new key.',
      );
    }
    const reserved = roles.includes('gateway') ? 0 : 1;
    const countMax = limits.count - reserved * limits.gatewayCount;
    const bytesMax = limits.size_bytes - reserved * limits.gateway_bytes;
    const bytes = tx.bytes.length;
    if (entries.size >= countMax || size_bytes + bytes > bytesMax) {
      throw new AppError(
        'tx/mempool-full',
        'The node has more waiting than it takes; try the same bytes again in a few seconds.',
        { waiting: entries.size },
      );
    }
    const share = shares.get(tx.signer);
    if (share === undefined) return;
    if (
      share.entries.size >= limits.perSigner ||
      share.size_bytes + bytes > limits.perSigner_bytes
    ) {
      throw new AppError(
        'tx/too-many-waiting',
        `This account has ${share.entries.size} transactions waiting; send more when some are committed.`,
        { limit: limits.perSigner, limit_bytes: limits.perSigner_bytes },
      );
    }
  }

  return {
    assertRoom,
    add({ tx, txId, verifiedSigner }) {
      assertRoom(tx, verifiedSigner);
      const { promise: receipt, resolve, reject } = deferred<ReceiptView>();
      // Whoever submitted it sees the rejection; without anyone it must not stop the process.
      receipt.catch(() => {});
      const entry: MempoolEntry = { tx, txId, verifiedSigner, receipt, resolve, reject };
      const id = bytesToHex(txId);
      const share = shares.get(tx.signer) ?? { entries: new Map(), size_bytes: 0 };
      shares.set(tx.signer, share);
      share.entries.set(id, entry);
      share.size_bytes += tx.bytes.length;
      entries.set(id, entry);
      keys.add(keyOf(tx));
      size_bytes += tx.bytes.length;
      return entry;
    },
    find: (txId) => entries.get(bytesToHex(txId)),
    *entries() {
      let turns = [...shares.values()].map((share) => share.entries.values());
      while (turns.length > 0) {
        const left: typeof turns = [];
        for (const turn of turns) {
          const { value, done } = turn.next();
          if (done) continue;
          yield value;
          left.push(turn);
        }
        turns = left;
      }
    },
    remove(txId) {
      const id = bytesToHex(txId);
      const entry = entries.get(id);
      if (entry === undefined) return;
      const { tx } = entry;
      entries.delete(id);
      keys.delete(keyOf(tx));
      const share = shares.get(tx.signer);
      if (share !== undefined) {
        share.entries.delete(id);
        share.size_bytes -= tx.bytes.length;
        if (share.entries.size === 0) shares.delete(tx.signer);
      }
      size_bytes -= tx.bytes.length;
    },
    clear(error) {
      for (const { reject } of entries.values()) reject(error);
      entries.clear();
      keys.clear();
      shares.clear();
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
