// The way of a transaction into the mempool: everything that can be refused at once is refused here, with the rule's code.

import {
  AppError,
  type AsyncCryptoProvider,
  admitTx,
  applyRule,
  bytesToHex,
  type CryptoProvider,
  type DecodedTx,
  decodeTx,
  getAccount,
  isAppError,
  type ReceiptView,
  txId,
} from '@suyuan/contracts';
import type { StateDatabase } from '../storage/database.ts';
import { stateReader } from '../storage/state.ts';
import { readTx } from '../storage/tx-index.ts';
import type { Chain, ChainParts } from './chain.ts';
import type { NodeClock } from './clock.ts';
import type { Mempool, MempoolEntry } from './mempool.ts';

/** Submissions whose signature is being verified. */
const VERIFYING_MAX = 4096;
/** Entries read for a verdict before the block, some tens of milliseconds: nobody pays for these. */
const JUDGED_READS_MAX = 20_000;

export interface SubmitParts extends Pick<ChainParts, 'hash' | 'chainId'> {
  readonly crypto: CryptoProvider | AsyncCryptoProvider;
  readonly db: StateDatabase;
  readonly chain: Chain;
  readonly mempool: Mempool;
  readonly clock: NodeClock;
  /** Throws when the node takes nothing more. */
  readonly assertOpen: () => void;
  readonly onAdded: () => void;
}

export function createSubmit(parts: SubmitParts): (bytes: Uint8Array) => Promise<ReceiptView> {
  const { crypto, db, hash, mempool } = parts;
  // By the hash of all bytes: a copy with a broken signature must not stand for the true one.
  const verifying = new Map<string, Promise<MempoolEntry | ReceiptView>>();

  function known(id: Uint8Array): MempoolEntry | ReceiptView | undefined {
    const place = readTx(db, id);
    return place === undefined ? mempool.find(id) : viewOf(place);
  }

  async function admit(tx: DecodedTx, id: Uint8Array): Promise<MempoolEntry | ReceiptView> {
    const state = stateReader(db);
    const account = getAccount(state, tx.signer);
    if (account !== undefined) mempool.assertRoom(tx, account);
    const offThread = 'verifyAsync' in crypto && account !== undefined ? crypto : undefined;
    if (offThread !== undefined && account !== undefined) {
      // All but the signature first: it is the dear part.
      admitTx(state, tx, { ...contextOf(parts, id), verifiedSigner: account });
      const { key } = account;
      const valid =
        key.suite === tx.suite && (await offThread.verifyAsync(key, tx.signedBytes, tx.signature));
      if (!valid) throw badSignature();
      parts.assertOpen();
    }
    const meanwhile = known(id);
    if (meanwhile !== undefined) return meanwhile;
    const ctx = contextOf(parts, id);
    const signer = admitTx(
      state,
      tx,
      offThread === undefined || account === undefined ? ctx : { ...ctx, verifiedSigner: account },
    );
    judge(state, tx, ctx, signer);
    const entry = mempool.add({ tx, txId: id, verifiedSigner: signer });
    parts.onAdded();
    return entry;
  }

  return async (bytes) => {
    parts.assertOpen();
    const tx = decodeTx(bytes.slice());
    const id = txId(hash, tx);
    const before = known(id);
    if (before !== undefined) return settled(before);
    const copy = bytesToHex(hash(bytes));
    let admitted = verifying.get(copy);
    if (admitted === undefined) {
      if (verifying.size >= VERIFYING_MAX) throw tooMany();
      admitted = admit(tx, id).finally(() => verifying.delete(copy));
      verifying.set(copy, admitted);
    }
    return settled(await admitted);
  };
}

/** A sender whose transaction a rule refuses hears it at once and for nothing: a dear one is judged in its block alone. */
function judge(...[state, tx, ctx, signer]: Parameters<typeof applyRule>): void {
  try {
    applyRule(state, tx, { ...ctx, reads_max: JUDGED_READS_MAX }, signer);
  } catch (error) {
    if (!isAppError(error, 'tx/too-heavy')) throw error;
  }
}

/** What a transaction would meet if it stood in the next block. */
function contextOf({ hash, crypto, chainId, chain, clock }: SubmitParts, id: Uint8Array) {
  const head = chain.head();
  const time_ms = Math.max(Math.floor(clock.now_ms()), head.time_ms + 1);
  return { hash, crypto, chainId, height: head.height + 1, time_ms, txId: id };
}

function settled(found: MempoolEntry | ReceiptView): Promise<ReceiptView> {
  return 'receipt' in found ? found.receipt : Promise.resolve(found);
}

export function viewOf({ txId: id, ok, code, height, time_ms }: ReceiptView): ReceiptView {
  return { txId: id, ok, code, height, time_ms };
}

function badSignature(): AppError {
  return new AppError(
    'tx/bad-signature',
    'The signature does not verify under the key of the account.',
  );
}

function tooMany(): AppError {
  return new AppError(
    'tx/mempool-full',
    'The node has more waiting than it takes; try the same bytes again in a few seconds.',
  );
}
