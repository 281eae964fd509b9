// Another node's transactions, ready to be executed: what waits here was decoded and verified when it came in, the rest is verified
// off the thread before the block is begun.

import {
  AppError,
  type AsyncCryptoProvider,
  BLOCK_SIZE_BYTES_MAX,
  BLOCK_TXS_MAX,
  type CryptoProvider,
  decodeTx,
  equalBytes,
  getAccount,
  type Hash,
  isAppError,
  leafHash,
  logRoot,
  type StateReader,
  txId,
} from '@suyuan/contracts';
import type { BlockTx } from './execute-block.ts';

export interface IncomingParts {
  readonly hash: Hash;
  readonly crypto: CryptoProvider | AsyncCryptoProvider;
  /** What waits in the mempool under this leaf. */
  readonly waiting: (leaf: Uint8Array) => BlockTx | undefined;
}

/** Throws `ledger/bad-block` where these are not transactions, or not those of the block with this root. */
export function openTxs(
  { hash, waiting }: Pick<IncomingParts, 'hash' | 'waiting'>,
  txs: readonly Uint8Array[],
  txRoot: Uint8Array,
): BlockTx[] {
  const size = txs.reduce((sum, { length }) => sum + length, 0);
  if (txs.length > BLOCK_TXS_MAX || size > BLOCK_SIZE_BYTES_MAX) {
    throw new AppError('ledger/bad-block', 'The block holds more transactions than a block may.');
  }
  const leaves = txs.map((bytes) => leafHash(hash, bytes));
  // Before anything dear is done for whoever sent it.
  if (!equalBytes(logRoot(hash, leaves), txRoot)) {
    throw new AppError('ledger/bad-block', 'The transactions are not those of the header.');
  }
  return txs.map((bytes, i) => {
    const leaf = leaves[i]!;
    const known = waiting(leaf);
    if (known !== undefined) return known;
    return { ...decoded(hash, bytes), leaf };
  });
}

function decoded(hash: Hash, bytes: Uint8Array): BlockTx {
  try {
    const tx = decodeTx(bytes);
    return { tx, txId: txId(hash, tx) };
  } catch (error) {
    if (!isAppError(error)) throw error;
    throw new AppError(
      'ledger/bad-block',
      'The block holds what is no transaction.',
      { code: error.code },
      error,
    );
  }
}

/**
 * Verifies off the thread what was not verified before, under the keys that the accounts have in `state`. What does not verify, or whose
 * account comes into being in the block itself, is left to execution, which alone decides.
 */
export async function verifyTxs(
  { crypto }: Pick<IncomingParts, 'crypto'>,
  state: StateReader,
  entries: readonly BlockTx[],
): Promise<BlockTx[]> {
  if (!('verifyAsync' in crypto)) return [...entries];
  return Promise.all(
    entries.map(async (entry) => {
      if (entry.verifiedSigner !== undefined) return entry;
      const { tx } = entry;
      const account = getAccount(state, tx.signer);
      if (account === undefined || account.key.suite !== tx.suite) return entry;
      const valid = await crypto
        .verifyAsync(account.key, tx.signedBytes, tx.signature)
        // The threads are full or gone: execution verifies on its own.
        .catch(() => false);
      return valid ? { ...entry, verifiedSigner: account } : entry;
    }),
  );
}
