// Transactions (docs/formats.md §4): COSE_Sign1 by an account key over what it wants done on which chain until when.

import {
  type DecodedSign1,
  decodeSign1,
  messageId,
  signSign1,
  sigStructure,
} from '../crypto/cose.ts';
import type { CryptoProvider, Hash, PublicKey, SecretKey } from '../crypto/types.ts';
import { bytesToUtf8, utf8ToBytes } from '../encoding/bytes.ts';
import { decodeCbor, encodeCbor } from '../encoding/cbor.ts';
import { asArray, asBytes, asObject, asText, asUint } from '../encoding/read.ts';
import type { CborObject } from '../encoding/types.ts';
import { AppError } from '../errors.ts';
import { TX_SIZE_BYTES_MAX } from '../limits.ts';
import { isAccountId } from './account.ts';

export const TX_AAD = 'suyuan/tx/1';

/** alg and kid, and nothing else. */
const PROTECTED_FIELDS = 2;

export interface TxContent {
  /** 32 bytes. */
  readonly chainId: Uint8Array;
  readonly module: string;
  readonly action: string;
  readonly payload: CborObject;
  /** 16 bytes, used once by this signer, for ever. */
  readonly idempotencyKey: Uint8Array;
  readonly validUntilHeight: number;
}

export interface DecodedTx extends TxContent {
  readonly bytes: Uint8Array;
  /** Account id. */
  readonly signer: string;
  readonly suite: DecodedSign1['suite'];
  readonly signedBytes: Uint8Array;
  readonly signature: Uint8Array;
}

/** Signs a transaction as account `signer`. Throws RangeError when it exceeds 64 KiB. */
export function encodeTx(
  crypto: CryptoProvider,
  content: TxContent & { readonly secret: SecretKey; readonly signer: string },
): Uint8Array {
  const bytes = signSign1(crypto, {
    secret: content.secret,
    kid: utf8ToBytes(content.signer),
    externalAad: TX_AAD,
    payload: encodeCbor([
      content.chainId,
      content.module,
      content.action,
      content.payload,
      content.idempotencyKey,
      content.validUntilHeight,
    ]),
  });
  if (bytes.length > TX_SIZE_BYTES_MAX) {
    throw new RangeError(
      'encodeTx: a transaction may have 64 KiB; split it, or put the bulk into a document',
    );
  }
  return bytes;
}

/** Decodes without checking the signature. Throws `tx/*`, `cose/*`, `cbor/*` or `format/*`. */
export function decodeTx(bytes: Uint8Array): DecodedTx {
  if (bytes.length > TX_SIZE_BYTES_MAX) {
    throw new AppError(
      'tx/too-large',
      `A transaction may have ${TX_SIZE_BYTES_MAX} bytes; split it.`,
    );
  }
  const message = decodeSign1(bytes);
  const signer = signerOf(message);
  const items = asArray(decodeCbor(message.payload), 'transaction', 6);
  if (items.length !== 6)
    throw new AppError('tx/malformed', 'A transaction has six fields (docs/formats.md §4).');
  return {
    bytes,
    signer,
    suite: message.suite,
    chainId: asBytes(items[0], 'chainId', 32),
    module: asText(items[1], 'module', 32),
    action: asText(items[2], 'action', 32),
    payload: asObject(items[3], 'payload'),
    idempotencyKey: asBytes(items[4], 'idempotencyKey', 16),
    validUntilHeight: asUint(items[5], 'validUntilHeight'),
    signedBytes: sigStructure(message, TX_AAD),
    signature: message.signature,
  };
}

function signerOf(message: DecodedSign1): string {
  if (message.headers.size !== PROTECTED_FIELDS) {
    throw new AppError(
      'tx/malformed',
      'The protected header of a transaction holds alg and kid only.',
    );
  }
  try {
    const signer = bytesToUtf8(message.kid);
    if (isAccountId(signer)) return signer;
  } catch {
    // Falls through to the one error below: not UTF-8 and not an id are the same mistake.
  }
  throw new AppError(
    'tx/malformed',
    'The kid of a transaction must be the account id of its signer.',
  );
}

/** 32 bytes naming what was signed, not the signature. */
export function txId(hash: Hash, tx: Pick<DecodedTx, 'signedBytes'>): Uint8Array {
  return messageId(hash, TX_AAD, tx.signedBytes);
}

/** True if the transaction's signature verifies under `key`. */
export function verifyTx(crypto: CryptoProvider, key: PublicKey, tx: DecodedTx): boolean {
  return key.suite === tx.suite && crypto.verify(key, tx.signedBytes, tx.signature);
}
