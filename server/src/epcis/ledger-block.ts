// The EPCIS events of a block: of each transaction that the rules accepted. Made of the block and of what never changes in the
// state, so every node makes the same at any time later.

import {
  bytesToHex,
  decodeHeader,
  decodeReceipt,
  decodeTx,
  type EpcisEvent,
  ledgerEvents,
  type StateReader,
} from '@suyuan/contracts';
import type { LedgerNode } from '../http/ports.ts';

/** An event of a transaction, with who signed that. */
export interface LedgerEvent {
  readonly event: EpcisEvent;
  readonly signer: string;
  /** Hex. */
  readonly txId: string;
}

export function eventsOfBlock(
  node: Pick<LedgerNode, 'block' | 'read'>,
  height: number,
): LedgerEvent[] {
  const block = node.block(height);
  if (block === undefined) return [];
  const { time_ms } = decodeHeader(block.header);
  const state: StateReader = { get: (key) => node.read(key) };
  return block.txs.flatMap((bytes, index) => {
    const receiptBytes = block.receipts[index];
    if (receiptBytes === undefined) return [];
    const receipt = decodeReceipt(receiptBytes);
    if (!receipt.ok) return [];
    const tx = decodeTx(bytes);
    const txId = bytesToHex(receipt.txId);
    const { events: done } = receipt;
    const events = ledgerEvents(
      { ...tx, txId: receipt.txId, height, time_ms, events: done },
      state,
    );
    return events.map((event) => ({ event, signer: tx.signer, txId }));
  });
}
