// The EPCIS events of a block: of each transaction that the rules accepted. Made of the block, of what never changes in the
// state, and of packs that were anchored before the block.

import {
  bytesToHex,
  decodeHeader,
  decodeReceipt,
  decodeTx,
  type EpcisEvent,
  ledgerCalls,
  ledgerEvents,
  type StateReader,
} from '@suyuan/contracts';
import type { LedgerNode } from '../http/ports.ts';
import type { StaySensors } from './stay-sensors.ts';

/** An event of a transaction, with who signed that. */
export interface LedgerEvent {
  readonly event: EpcisEvent;
  readonly signer: string;
  /** Hex. */
  readonly txId: string;
}

export async function eventsOfBlock(
  node: Pick<LedgerNode, 'block' | 'read'>,
  sensors: StaySensors,
  height: number,
): Promise<LedgerEvent[]> {
  const block = node.block(height);
  if (block === undefined) return [];
  const { time_ms } = decodeHeader(block.header);
  const state: StateReader = { get: (key) => node.read(key) };
  const found: LedgerEvent[] = [];
  for (const [index, bytes] of block.txs.entries()) {
    const receiptBytes = block.receipts[index];
    if (receiptBytes === undefined) continue;
    const { ok, txId, events: done } = decodeReceipt(receiptBytes);
    if (!ok) continue;
    const tx = { ...decodeTx(bytes), txId, height, time_ms, events: done };
    const summaries = await sensors.of(ledgerCalls(tx), height);
    for (const event of ledgerEvents(tx, state, { sensorsOf: (_, i) => summaries[i] ?? [] }))
      found.push({ event, signer: tx.signer, txId: bytesToHex(txId) });
  }
  return found;
}
