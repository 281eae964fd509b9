// What a node answers from its own copy: values, blocks and proofs. Each answer comes from one moment of the state.

import {
  AppError,
  type Block,
  type CertifiedHeader,
  type Hash,
  proveState,
  type StateEntry,
  statePath,
  utf8ToBytes,
} from '@suyuan/contracts';
import { proveAnchor, readAnchor } from '../storage/anchor-index.ts';
import type { BlockLog } from '../storage/block-log.ts';
import type { HeldSnapshot, StateDatabase } from '../storage/database.ts';
import { readHead } from '../storage/head.ts';
import { afterPrefix } from '../storage/keys.ts';
import { scopedLots } from '../storage/recall-scopes.ts';
import { nodeReader } from '../storage/state.ts';
import { readTx } from '../storage/tx-index.ts';
import { createBlockCache } from './block-cache.ts';

/** Keys proven at once: as many as a bundle may hold. */
const PROVEN_KEYS_MAX = 2048;
const LISTED_KEYS_MAX = 10_000;

/** State entries with their proofs, all against the state root of this one header. */
export interface ProvenState extends CertifiedHeader {
  readonly entries: readonly StateEntry[];
}

/** A committed transaction with its receipt and their places in the block's two log trees. */
export interface TransactionView {
  readonly height: number;
  readonly index: number;
  /** How many transactions the block holds: the size of both trees. */
  readonly count: number;
  readonly tx: Uint8Array;
  readonly receipt: Uint8Array;
  readonly txProof: readonly Uint8Array[];
  readonly receiptProof: readonly Uint8Array[];
}

export interface Reads {
  /** The encoded value under a state key. */
  value(key: string): Uint8Array | undefined;
  /** State keys that begin with `prefix`, ascending, after `after` when given, at most `limit` (10 000). */
  keys(prefix: string, options: { readonly after?: string; readonly limit: number }): string[];
  /** Throws `ledger/no-block` before the first block, `ledger/too-many-keys` above 2048. */
  proveKeys(keys: readonly string[]): ProvenState;
  /** The `lots/…` keys in the scope of a recall, ascending; none where there is no such recall. */
  scopeOf(recall: string): string[];
  /** One moment of the database across turns of the event loop; release it soon. */
  hold(): HeldSnapshot;
  /** Undefined where there is none, and up to `base`. */
  block(height: number): Block | undefined;
  /** The height of the snapshot that this node was founded from: it has the state then, and no block up to it. 0: it has all. */
  base(): number;
  transaction(txId: Uint8Array): TransactionView | undefined;
  /** The encoded anchor of that batch (docs/formats.md §5). */
  anchorLeaf(gateway: string, batch: number): Uint8Array | undefined;
  /** Inclusion of leaf `batch` in the gateway's anchor log of `size` leaves. Throws `merkle/bad-index` or `merkle/missing-node`. */
  anchorProof(gateway: string, batch: number, size: number): Uint8Array[];
}

export function createReads(parts: { db: StateDatabase; log: BlockLog; hash: Hash }): Reads {
  const { db, log, hash } = parts;
  const blocks = createBlockCache((height) => log.read(height), hash);
  return {
    value: (key) => db.get('state', utf8ToBytes(key)),
    keys(prefix, { after, limit }) {
      const start = utf8ToBytes(after === undefined || after < prefix ? prefix : `${after}\0`);
      const end = afterPrefix(utf8ToBytes(prefix));
      const found = db.keys('state', start, end, Math.min(limit, LISTED_KEYS_MAX));
      return found.map((key) => new TextDecoder().decode(key));
    },
    proveKeys(keys) {
      if (keys.length > PROVEN_KEYS_MAX) {
        throw new AppError('ledger/too-many-keys', `At most ${PROVEN_KEYS_MAX} keys at once.`);
      }
      return db.snapshot((at) => {
        const certified = readHead(at)?.certified ?? undefined;
        if (certified === undefined) {
          throw new AppError(
            'ledger/no-block',
            'The ledger has no block yet; try again in a moment.',
          );
        }
        const read = nodeReader(at);
        const entries = keys.map((key) => ({
          key,
          value: at.get('state', utf8ToBytes(key)) ?? null,
          proof: proveState(read, statePath(hash, key)),
        }));
        return { ...certified, entries };
      });
    },
    scopeOf: (recall) => db.snapshot((at) => [...scopedLots(at, recall)]),
    hold: () => db.hold(),
    block: (height) => blocks.read(height),
    base: () => log.base,
    transaction(txId) {
      const place = readTx(db, txId);
      if (place === undefined) return undefined;
      const { height, index } = place;
      const block = blocks.read(height);
      const tx = block?.txs[index];
      const receipt = block?.receipts[index];
      const proofs = blocks.prove(height, index);
      if (block === undefined || tx === undefined) return undefined;
      if (receipt === undefined || proofs === undefined) return undefined;
      const count = block.txs.length;
      return {
        height,
        index,
        count,
        tx,
        receipt,
        txProof: proofs.tx,
        receiptProof: proofs.receipt,
      };
    },
    anchorLeaf: (gateway, batch) =>
      Number.isSafeInteger(batch) && batch >= 0 ? readAnchor(db, gateway, batch) : undefined,
    anchorProof: (gateway, batch, size) =>
      db.snapshot((at) => proveAnchor(hash, at, gateway, batch, size)),
  };
}
