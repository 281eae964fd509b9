// Anchoring: each batch's root goes to the ledger once, in order. Before anything is handed in, the journal says what will be,
// so that after a crash the gateway recognises its own transaction and never anchors a batch twice or under another root.

import {
  anchorLogKey,
  asObject,
  asUint,
  equalBytes,
  type LedgerPort,
  type ReceiptView,
  txKeyKey,
} from '@suyuan/contracts';
import { gatewayError } from '../errors.ts';
import type { Journal } from '../journal/journal.ts';
import { type AnchorSigner, anchorKey, anchorTx } from './anchor-tx.ts';
import type { ClosedBatch } from './closed-batch.ts';

/** Blocks for which an anchor transaction stays valid: at least some minutes. */
const VALIDITY_BLOCKS = 1000;

/** The ledger took the transaction into a block and refused it there. */
export class AnchorRefused extends Error {
  readonly code: string;
  constructor(code: string) {
    super(`The ledger refused the anchor: ${code}`);
    this.code = code;
  }
}

/** Batches of this gateway that the ledger holds. */
export function anchoredOnLedger(ledger: LedgerPort, account: string): number {
  const log = ledger.read(anchorLogKey(account));
  return log === undefined ? 0 : asUint(asObject(log, 'anchor log').size, 'size');
}

export class Anchorer {
  readonly #ledger: LedgerPort;
  readonly #signer: AnchorSigner;
  readonly #journal: Journal;

  constructor(ledger: LedgerPort, signer: AnchorSigner, journal: Journal) {
    this.#ledger = ledger;
    this.#signer = signer;
    this.#journal = journal;
  }

  /**
   * Anchors the batch, or finds that it is anchored. Throws AnchorRefused or the ledger's AppError (try again), or
   * `gateway/forked-anchors` or `gateway/ledger-behind` (stop).
   */
  async anchor(batch: ClosedBatch): Promise<void> {
    await batch.durable;
    const receipt = this.#committed(batch) ?? (await this.#submit(batch));
    if (!receipt.ok) throw new AnchorRefused(receipt.code);
    this.#journal.note({
      kind: 'anchored',
      batch: batch.record.batch,
      height: receipt.height,
      time_ms: receipt.time_ms,
    });
  }

  /** The receipt of an earlier submission, when the ledger's log has the batch already. */
  #committed(batch: ClosedBatch): ReceiptView | undefined {
    const { account } = this.#signer;
    const size = anchoredOnLedger(this.#ledger, account);
    const number = batch.record.batch;
    if (size < number) {
      throw gatewayError(
        'gateway/ledger-behind',
        `The ledger holds ${size} batches of ${account}, the journal knows of ${number}. Start with the ledger that has them.`,
        { size, batch: number },
      );
    }
    if (size === number) return undefined;
    for (const submission of batch.submissions) {
      const { id } = anchorTx(this.#signer, batch.record, submission);
      const used = this.#ledger.read(txKeyKey(account, anchorKey(number, submission.attempt)));
      const usedBy = Array.isArray(used) ? used[0] : undefined;
      if (!(usedBy instanceof Uint8Array) || !equalBytes(usedBy, id)) continue;
      const receipt = this.#ledger.receipt(id);
      if (receipt?.ok === true) return receipt;
    }
    throw gatewayError(
      'gateway/forked-anchors',
      `The ledger holds another batch ${number} of ${account} than this journal. Stop the other gateway of this account, or put back the journal that made it.`,
      { batch: number, size },
    );
  }

  async #submit(batch: ClosedBatch): Promise<ReceiptView> {
    const submission = this.#nextSubmission(batch);
    if (!batch.submissions.includes(submission)) {
      await this.#journal.append({
        kind: 'submitting',
        batch: batch.record.batch,
        attempt: submission.attempt,
        validUntilHeight: submission.validUntilHeight,
      });
      batch.submissions.push(submission);
    }
    return this.#ledger.submit(anchorTx(this.#signer, batch.record, submission).bytes);
  }

  /** The last submission while it may still be taken, else one more. A key that a refusal has spent is not used again. */
  #nextSubmission(batch: ClosedBatch): { attempt: number; validUntilHeight: number } {
    const height = this.#ledger.height();
    const last = batch.submissions.at(-1);
    if (last === undefined) return { attempt: 0, validUntilHeight: height + VALIDITY_BLOCKS };
    const { account } = this.#signer;
    const spent =
      this.#ledger.read(txKeyKey(account, anchorKey(batch.record.batch, last.attempt))) !==
      undefined;
    if (spent) return { attempt: last.attempt + 1, validUntilHeight: height + VALIDITY_BLOCKS };
    if (last.validUntilHeight > height) return last;
    return { attempt: last.attempt, validUntilHeight: height + VALIDITY_BLOCKS };
  }
}
