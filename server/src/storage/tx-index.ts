// Where each committed transaction stands, and what became of it.

import {
  asArray,
  asBool,
  asText,
  asUint,
  decodeCbor,
  encodeCbor,
  type ReceiptView,
} from '@suyuan/contracts';
import type { Snapshot, TableWrite } from './database.ts';

export interface TxPlace extends ReceiptView {
  /** Position in the block. */
  readonly index: number;
}

export function txWrite(place: TxPlace): TableWrite {
  const { txId, height, index, time_ms, ok, code } = place;
  return { table: 'txs', key: txId, value: encodeCbor([height, index, time_ms, ok, code]) };
}

export function readTx(at: Snapshot, txId: Uint8Array): TxPlace | undefined {
  const bytes = txId.length === 32 ? at.get('txs', txId) : undefined;
  if (bytes === undefined) return undefined;
  const items = asArray(decodeCbor(bytes), 'transaction place', 5);
  return {
    txId,
    height: asUint(items[0], 'height'),
    index: asUint(items[1], 'index'),
    time_ms: asUint(items[2], 'time'),
    ok: asBool(items[3], 'ok'),
    code: asText(items[4], 'code', 64),
  };
}
