// Blocks and receipts (docs/formats.md §4).

import { decodeCbor, encodeCbor } from '../encoding/cbor.ts';
import { asArray, asBool, asBytes, asObject, asText } from '../encoding/read.ts';
import type { CborObject } from '../encoding/types.ts';
import { AppError } from '../errors.ts';
import { BLOCK_SIZE_BYTES_MAX, VIA_MAX } from '../limits.ts';

/** What a rule says besides its writes: `type` is `module.happened`, `data` its facts. */
export interface LedgerEvent {
  readonly type: string;
  readonly data: CborObject;
}

export interface Receipt {
  /** 32 bytes. */
  readonly txId: Uint8Array;
  readonly ok: boolean;
  /** The rule's error code; empty when ok. */
  readonly code: string;
  readonly events: readonly LedgerEvent[];
}

/** The parts as bytes: hashes cover what was received. */
export interface Block {
  readonly header: Uint8Array;
  readonly certificate: Uint8Array;
  /** The headers after this block, up to and with the one that the certificate names; none if it names this block. */
  readonly via: readonly Uint8Array[];
  readonly txs: readonly Uint8Array[];
  readonly receipts: readonly Uint8Array[];
}

const TXS_MAX = 10_000;

export function encodeReceipt(r: Receipt): Uint8Array {
  return encodeCbor([r.txId, r.ok, r.code, r.events.map((e) => [e.type, e.data])]);
}

/** Throws `ledger/bad-receipt`, `cbor/*` or `format/*`. */
export function decodeReceipt(bytes: Uint8Array): Receipt {
  const items = asArray(decodeCbor(bytes), 'receipt', 4);
  if (items.length !== 4) throw new AppError('ledger/bad-receipt', 'A receipt has four fields.');
  return {
    txId: asBytes(items[0], 'txId', 32),
    ok: asBool(items[1], 'ok'),
    code: asText(items[2], 'code', 64),
    events: asArray(items[3], 'events', 1024).map((entry) => {
      const pair = asArray(entry, 'event', 2);
      return { type: asText(pair[0], 'event type', 64), data: asObject(pair[1], 'event data') };
    }),
  };
}

export function encodeBlock(block: Block): Uint8Array {
  return encodeCbor([block.header, block.certificate, block.via, block.txs, block.receipts]);
}

/** Throws `ledger/bad-block`, `cbor/*` or `format/*`. The parts still have to be verified. */
export function decodeBlock(bytes: Uint8Array): Block {
  if (bytes.length > BLOCK_SIZE_BYTES_MAX) {
    throw new AppError('ledger/bad-block', `A block may have ${BLOCK_SIZE_BYTES_MAX} bytes.`);
  }
  const items = asArray(decodeCbor(bytes), 'block', 5);
  if (items.length !== 5) throw new AppError('ledger/bad-block', 'A block has five fields.');
  const block = {
    header: asBytes(items[0], 'header'),
    certificate: asBytes(items[1], 'certificate'),
    via: asArray(items[2], 'via', VIA_MAX).map((header) => asBytes(header, 'via header')),
    txs: asArray(items[3], 'txs', TXS_MAX).map((tx) => asBytes(tx, 'tx')),
    receipts: asArray(items[4], 'receipts', TXS_MAX).map((r) => asBytes(r, 'receipt')),
  };
  if (block.txs.length !== block.receipts.length) {
    throw new AppError('ledger/bad-block', 'A block has one receipt for each transaction.');
  }
  return block;
}
