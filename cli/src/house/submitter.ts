// Signs and submits transactions of this house's own accounts: what a person does with `suyuan tx submit`, in the process.

import { randomBytes } from 'node:crypto';
import {
  AppError,
  type CborObject,
  encodeTx,
  type LedgerPort,
  type ReceiptView,
  type SecretKey,
} from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';

export type Submit = (
  signer: string,
  module: string,
  action: string,
  payload: CborObject,
) => Promise<ReceiptView>;

export interface Order {
  readonly signer: string;
  readonly module: string;
  readonly action: string;
  readonly payload: CborObject;
}

const VALID_BLOCKS = 1000;

/** The signed bytes, a request of its own at each call. */
export async function signOrder(
  ledger: LedgerPort,
  secretOf: (account: string) => Promise<SecretKey>,
  order: Order,
): Promise<Uint8Array> {
  return encodeTx(nodeCrypto, {
    ...order,
    secret: await secretOf(order.signer),
    chainId: ledger.chainId,
    idempotencyKey: new Uint8Array(randomBytes(16)),
    validUntilHeight: ledger.height() + VALID_BLOCKS,
  });
}

/** Each call is a request of its own. Throws AppError with the rule's code when it is refused. */
export function createSubmitter(
  ledger: LedgerPort,
  secretOf: (account: string) => Promise<SecretKey>,
): Submit {
  return async (signer, module, action, payload) => {
    const tx = await signOrder(ledger, secretOf, { signer, module, action, payload });
    const receipt = await ledger.submit(tx);
    if (!receipt.ok)
      throw new AppError(
        receipt.code,
        `${module}.${action} by ${signer} was refused (${receipt.code}).`,
      );
    return receipt;
  };
}
