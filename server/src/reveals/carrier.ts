// Who brings a buyer's code to the ledger: the buyer has no account, and the rule asks for none, the code is the right. The
// launcher gives one whose account does nothing else.

import type { CborObject, ReceiptView } from '@suyuan/contracts';

export interface RevealCarrier {
  /** Signs and submits `labels.reveal`, and waits for its block. Throws AppError with the code of a refusal. */
  reveal(payload: CborObject): Promise<ReceiptView>;
}
