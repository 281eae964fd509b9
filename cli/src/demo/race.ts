// Two requests that are each right alone and cannot both be: sent at once they pass the door together, and the one that comes
// second in the block is refused there. Its refusal stays in the ledger, which is how it can be told.

import { bytesToHex, type ReceiptView } from '@suyuan/contracts';
import { type Order, signOrder } from '../house/submitter.ts';
import type { Teller } from './teller.ts';

/** The path of the refused transaction; undefined where the slower one was turned away at the door already. */
export async function refusedInBlock(
  { house }: Teller,
  orders: readonly Order[],
): Promise<string | undefined> {
  const { node, secretOf } = house;
  const signed = await Promise.all(orders.map((order) => signOrder(node, secretOf, order)));
  const settled = await Promise.allSettled(signed.map((bytes) => node.submit(bytes)));
  const refused = settled
    .map((one): ReceiptView | undefined => (one.status === 'fulfilled' ? one.value : undefined))
    .find((receipt) => receipt?.ok === false);
  return refused === undefined ? undefined : `/api/v1/transactions/${bytesToHex(refused.txId)}`;
}
