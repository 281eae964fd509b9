// Transactions that wait for a block: of each signer in the order in which they were verified, signers by turns. Each would
// have been accepted when it came.

import {
  type Account,
  AppError,
  bytesToHex,
  type DecodedTx,
  type ReceiptView,
} from '@suyuan/contracts';
import { keyText } from '../storage/overlay.ts';

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
  /** 32 bytes: the leaf of its bytes in a block's tree. */
  readonly leaf: Uint8Array;
  readonly verifiedSigner: Account;
  /** Settles when the transaction is committed, refused by a block, or the node stops. Of most nobody here asks. */
  receipt(): Promise<ReceiptView>;
  resolve(receipt: ReceiptView): void;
  reject(error: AppError): void;
}

export interface Mempool {
  /** Throws `tx/mempool-full`, `tx/too-many-waiting` or `tx/duplicate-key`. */
  add(waiting: Pick<MempoolEntry, 'tx' | 'txId' | 'leaf' | 'verifiedSigner'>): MempoolEntry;
  find(txId: Uint8Array): MempoolEntry | undefined;
  /** The one with exactly these bytes: an id does not cover the signature. */
  findByLeaf(leaf: Uint8Array): MempoolEntry | undefined;
  /** Throws as `add`, without adding. */
  assertRoom(tx: DecodedTx, signer: Pick<Account, 'roles'>): void;
  /** The signers by turns, of each the oldest first. */
  entries(): Iterable<MempoolEntry>;
  /** All, oldest first. */
  waiting(): Iterable<MempoolEntry>;
  remove(txId: Uint8Array): void;
  /** Removes and gives those that can stand in no block from `height` on. */
  expire(height: number): MempoolEntry[];
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
  const leaves = new Map<string, MempoolEntry>();
  /** By the last height that they may stand at. */
  const untils = new Map<number, Set<MempoolEntry>>();
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

  function remove(txId: Uint8Array): void {
    const id = keyText(txId);
    const entry = entries.get(id);
    if (entry === undefined) return;
    const { tx, leaf } = entry;
    entries.delete(id);
    leaves.delete(keyText(leaf));
    const until = untils.get(tx.validUntilHeight);
    until?.delete(entry);
    if (until?.size === 0) untils.delete(tx.validUntilHeight);
    keys.delete(keyOf(tx));
    const share = shares.get(tx.signer);
    if (share !== undefined) {
      share.entries.delete(id);
      share.size_bytes -= tx.bytes.length;
      if (share.entries.size === 0) shares.delete(tx.signer);
    }
    size_bytes -= tx.bytes.length;
  }

  return {
    assertRoom,
    add({ tx, txId, leaf, verifiedSigner }) {
      assertRoom(tx, verifiedSigner);
      const entry: MempoolEntry = { tx, txId, leaf, verifiedSigner, ...createOutcome() };
      const id = keyText(txId);
      const share = shares.get(tx.signer) ?? { entries: new Map(), size_bytes: 0 };
      shares.set(tx.signer, share);
      share.entries.set(id, entry);
      share.size_bytes += tx.bytes.length;
      entries.set(id, entry);
      leaves.set(keyText(leaf), entry);
      const until = untils.get(tx.validUntilHeight) ?? new Set();
      untils.set(tx.validUntilHeight, until.add(entry));
      keys.add(keyOf(tx));
      size_bytes += tx.bytes.length;
      return entry;
    },
    find: (txId) => entries.get(keyText(txId)),
    findByLeaf: (leaf) => leaves.get(keyText(leaf)),
    waiting: () => entries.values(),
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
    remove,
    expire(height) {
      const gone: MempoolEntry[] = [];
      for (const [until, expired] of untils) if (until < height) gone.push(...expired);
      for (const { txId } of gone) remove(txId);
      return gone;
    },
    clear(error) {
      for (const { reject } of entries.values()) reject(error);
      entries.clear();
      leaves.clear();
      untils.clear();
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

type Outcome = Pick<MempoolEntry, 'receipt' | 'resolve' | 'reject'>;

function createOutcome(): Outcome {
  let outcome: Promise<ReceiptView> | undefined;
  let settle: { resolve(receipt: ReceiptView): void; reject(error: AppError): void } | undefined;
  let done: { readonly receipt: ReceiptView } | { readonly error: AppError } | undefined;
  return {
    receipt() {
      outcome ??= new Promise((resolve, reject) => {
        settle = { resolve, reject };
        if (done !== undefined && 'receipt' in done) resolve(done.receipt);
        else if (done !== undefined) reject(done.error);
      });
      // Whoever submitted it sees the rejection; without anyone it must not stop the process.
      outcome.catch(() => {});
      return outcome;
    },
    resolve(receipt) {
      done ??= { receipt };
      settle?.resolve(receipt);
    },
    reject(error) {
      done ??= { error };
      settle?.reject(error);
    },
  };
}
