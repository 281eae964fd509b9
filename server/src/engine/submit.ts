// The ways of a transaction into the mempool: from this node's own door, where everything that can be refused at once is refused with
// the rule's code, and from another node, which has judged it already.

import {
  AppError,
  type AsyncCryptoProvider,
  admitTx,
  applyRule,
  type CryptoProvider,
  type DecodedTx,
  decodeTx,
  getAccount,
  type Hash,
  isAppError,
  leafHash,
  type ReceiptView,
  type RuleRegistry,
  txId,
} from '@suyuan/contracts';
import { keyText } from '../storage/overlay.ts';
import { readTx } from '../storage/tx-index.ts';
import type { Chain } from './chain.ts';
import type { NodeClock } from './clock.ts';
import { blockRules } from './law.ts';
import type { Ground } from './layer.ts';
import type { Mempool, MempoolEntry } from './mempool.ts';

/** Submissions whose signature is being verified. */
const VERIFYING_MAX = 4096;
/** Entries read for a verdict before the block, some tens of milliseconds: nobody pays for these. */
const JUDGED_READS_MAX = 20_000;
/** Judging costs as much as executing: with more than this waiting the time is better spent on blocks, and a block gives the verdict too. */
const JUDGED_WAITING_MAX = 1_000;

export interface SubmitParts {
  readonly hash: Hash;
  readonly chainId: Uint8Array;
  readonly crypto: CryptoProvider | AsyncCryptoProvider;
  readonly rules: RuleRegistry;
  readonly chain: Chain;
  readonly mempool: Mempool;
  readonly clock: NodeClock;
  /** Throws when the node takes nothing more. */
  readonly assertOpen: () => void;
  /** `from` is null for this node's own door. */
  readonly onAdded: (entry: MempoolEntry, from: string | null) => void;
}

export interface Submit {
  submit(bytes: Uint8Array): Promise<ReceiptView>;
  /** Resolves when the transaction waits here, or is known. */
  receive(bytes: Uint8Array, from: string): Promise<void>;
}

type Found = MempoolEntry | ReceiptView;

export function createSubmit(parts: SubmitParts): Submit {
  const { crypto, hash, mempool, chain } = parts;
  // By the hash of all bytes: a copy with a broken signature must not stand for the true one.
  const verifying = new Map<string, Promise<Found>>();

  function known(id: Uint8Array): Found | undefined {
    const place = readTx(chain.tip().view, id);
    return place === undefined ? mempool.find(id) : viewOf(place);
  }

  async function admit(tx: DecodedTx, id: Uint8Array, leaf: Uint8Array, from: string | null) {
    const before = chain.tip();
    const { state } = before;
    const account = getAccount(state, tx.signer);
    if (account !== undefined) mempool.assertRoom(tx, account);
    const offThread = 'verifyAsync' in crypto && account !== undefined ? crypto : undefined;
    let signer =
      offThread === undefined
        ? admitTx(state, tx, contextOf(parts, before, id))
        : // All but the signature first: it is the dear part.
          admitTx(state, tx, { ...contextOf(parts, before, id), verifiedSigner: account! });
    if (offThread !== undefined) {
      const { key } = signer;
      const valid =
        key.suite === tx.suite && (await offThread.verifyAsync(key, tx.signedBytes, tx.signature));
      if (!valid) throw badSignature();
      parts.assertOpen();
      const meanwhile = known(id);
      if (meanwhile !== undefined) return meanwhile;
    }
    const now = chain.tip();
    const ctx = contextOf(parts, now, id);
    if (now !== before) {
      signer = admitTx(now.state, tx, { ...ctx, verifiedSigner: signer });
    }
    if (from === null && mempool.count <= JUDGED_WAITING_MAX) judge(parts, now, tx, ctx, signer);
    const entry = mempool.add({ tx, txId: id, leaf, verifiedSigner: signer });
    parts.onAdded(entry, from);
    return entry;
  }

  async function find(bytes: Uint8Array, from: string | null): Promise<Found> {
    parts.assertOpen();
    const leaf = leafHash(hash, bytes);
    const waiting = mempool.findByLeaf(leaf);
    if (waiting !== undefined) return waiting;
    const copy = keyText(leaf);
    const running = verifying.get(copy);
    if (running !== undefined) return running;
    const tx = decodeTx(bytes.slice());
    const id = txId(hash, tx);
    const before = known(id);
    if (before !== undefined) return before;
    if (verifying.size >= VERIFYING_MAX) throw tooMany();
    const admitted = admit(tx, id, leaf, from).finally(() => verifying.delete(copy));
    verifying.set(copy, admitted);
    return admitted;
  }

  return {
    async submit(bytes) {
      const found = await find(bytes, null);
      return 'receipt' in found ? found.receipt() : found;
    },
    async receive(bytes, from) {
      await find(bytes, from);
    },
  };
}

/** A sender whose transaction a rule refuses hears it at once and for nothing: a dear one is judged in its block alone. */
function judge(
  { rules }: SubmitParts,
  { state, height }: Ground,
  tx: DecodedTx,
  ctx: Parameters<typeof applyRule>[2],
  signer: Parameters<typeof applyRule>[3],
): void {
  const { active } = blockRules(rules, state, height + 1);
  try {
    applyRule(state, tx, { ...ctx, rules: active, reads_max: JUDGED_READS_MAX }, signer);
  } catch (error) {
    if (!isAppError(error, 'tx/too-heavy')) throw error;
  }
}

/** What a transaction would meet if it stood in the next block. */
function contextOf({ hash, crypto, chainId, clock }: SubmitParts, on: Ground, id: Uint8Array) {
  const time_ms = Math.max(Math.floor(clock.now_ms()), on.time_ms + 1);
  return { hash, crypto, chainId, height: on.height + 1, time_ms, txId: id };
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
