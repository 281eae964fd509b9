// The transaction that anchors a batch. The same batch, attempt and height give the same bytes, hence the same id.

import {
  AppError,
  type CryptoProvider,
  decodeTx,
  encodeTx,
  type Hash,
  type SecretKey,
  txId,
} from '@suyuan/contracts';
import type { BatchRecord } from '../journal/records.ts';
import type { Submission } from '../journal/recovery.ts';

export interface AnchorSigner {
  readonly crypto: CryptoProvider;
  readonly account: string;
  readonly secret: SecretKey;
  readonly chainId: Uint8Array;
  readonly hash: Hash;
}

const KEY_PREFIX = 'anchor';

/** 16 bytes: "anchor", the attempt (2 bytes), the batch (8 bytes), big-endian. */
export function anchorKey(batch: number, attempt: number): Uint8Array {
  const key = new Uint8Array(16);
  for (let i = 0; i < KEY_PREFIX.length; i += 1) key[i] = KEY_PREFIX.charCodeAt(i);
  const view = new DataView(key.buffer);
  view.setUint16(6, attempt);
  view.setBigUint64(8, BigInt(batch));
  return key;
}

/** Refused this often, each time after it had entered a block: something is wrong that trying again does not mend. */
export const ATTEMPTS_MAX = 0xffff;

export function anchorTx(
  signer: AnchorSigner,
  batch: BatchRecord,
  { attempt, validUntilHeight }: Submission,
): { bytes: Uint8Array; id: Uint8Array } {
  if (attempt > ATTEMPTS_MAX) {
    throw new AppError('gateway/bad-options', 'The ledger has refused this anchor too often.');
  }
  const bytes = encodeTx(signer.crypto, {
    secret: signer.secret,
    signer: signer.account,
    chainId: signer.chainId,
    module: 'anchors',
    action: 'commit',
    payload: {
      v: 1,
      batch: batch.batch,
      root: batch.root,
      count: batch.count,
      from: batch.from_ms,
      to: batch.to_ms,
      map: null,
    },
    idempotencyKey: anchorKey(batch.batch, attempt),
    validUntilHeight,
  });
  return { bytes, id: txId(signer.hash, decodeTx(bytes)) };
}
