// Block headers (docs/formats.md §4), with the data identifiers of the Beijing platform specification (Blue Book 2020,
// Appendix 2) beside their fields.

import { tagged } from '../crypto/tagged.ts';
import type { Hash } from '../crypto/types.ts';
import { decodeCbor, encodeCbor } from '../encoding/cbor.ts';
import { asArray, asBytes, asText, asUint } from '../encoding/read.ts';
import { AppError } from '../errors.ts';

export interface Header {
  readonly chainId: Uint8Array;
  /** 02_001 */
  readonly height: number;
  /** 02_004: blockHash of the block before; the chain id for block 1. */
  readonly previous: Uint8Array;
  /** 02_006 */
  readonly time_ms: number;
  readonly proposer: string;
  /** 02_005: log tree over the transactions' bytes. */
  readonly txRoot: Uint8Array;
  /** Log tree over the receipts' bytes. */
  readonly receiptRoot: Uint8Array;
  /** State tree after the block. */
  readonly stateRoot: Uint8Array;
  /** Hash of the set that votes on this block. */
  readonly validators: Uint8Array;
  /** Hash of the set that votes on the next; another one ends the epoch. */
  readonly nextValidators: Uint8Array;
  readonly rules: number;
}

/** 02_003 */
export const HEADER_VERSION = 1;
const FIELDS = 12;

export function encodeHeader(h: Header): Uint8Array {
  return encodeCbor([
    HEADER_VERSION,
    h.chainId,
    h.height,
    h.previous,
    h.time_ms,
    h.proposer,
    h.txRoot,
    h.receiptRoot,
    h.stateRoot,
    h.validators,
    h.nextValidators,
    h.rules,
  ]);
}

/** Throws `ledger/bad-header`, `cbor/*` or `format/*`. */
export function decodeHeader(bytes: Uint8Array): Header {
  const items = asArray(decodeCbor(bytes), 'header', FIELDS);
  if (items.length !== FIELDS || items[0] !== HEADER_VERSION) {
    throw new AppError(
      'ledger/bad-header',
      'The header is not of version 1; use a newer verifier.',
    );
  }
  return {
    chainId: asBytes(items[1], 'chainId', 32),
    height: asUint(items[2], 'height'),
    previous: asBytes(items[3], 'previous', 32),
    time_ms: asUint(items[4], 'time'),
    proposer: asText(items[5], 'proposer', 63),
    txRoot: asBytes(items[6], 'txRoot', 32),
    receiptRoot: asBytes(items[7], 'receiptRoot', 32),
    stateRoot: asBytes(items[8], 'stateRoot', 32),
    validators: asBytes(items[9], 'validators', 32),
    nextValidators: asBytes(items[10], 'nextValidators', 32),
    rules: asUint(items[11], 'rules'),
  };
}

/** 02_002: 32 bytes over the header's bytes as received. */
export function blockHash(hash: Hash, headerBytes: Uint8Array): Uint8Array {
  return tagged(hash, 'suyuan/header/1', headerBytes);
}
