// What a start does before anything new is taken: the journal, the ledger and the column store are brought to agree.

import type { LedgerPort } from '@suyuan/contracts';
import type { Logger } from 'pino';
import { anchoredOnLedger } from './batch/anchorer.ts';
import { BatchBook } from './batch/batch-book.ts';
import type { ClosedBatch } from './batch/closed-batch.ts';
import type { PackCounters } from './counters.ts';
import { gatewayError } from './errors.ts';
import type { OpenedJournal } from './journal/open-journal.ts';
import type { Recovered, RecoveredBatch } from './journal/recovery.ts';
import { missingQuarantine, type RepairParts, repairBatches } from './store/repair.ts';

export interface RecoverParts extends RepairParts {
  readonly ledger: LedgerPort;
  readonly logger: Logger;
}

/**
 * Writes to the column store what it lacks, and returns the quarantined packs that it still lacks. Throws
 * `gateway/forked-anchors`, `gateway/ledger-behind` or the store's error.
 */
export async function recoverStore(
  parts: RecoverParts,
  recovered: Recovered,
): Promise<Recovered['quarantined']> {
  assertSameAnchors(parts.account, anchoredOnLedger(parts.ledger, parts.account), recovered);
  const written = await repairBatches(parts, recovered.batches);
  if (written.length > 0) parts.logger.warn({ batches: written }, 'batches were written again');
  return missingQuarantine(parts, recovered.quarantined);
}

function assertSameAnchors(account: string, onLedger: number, recovered: Recovered): void {
  const { batches, nextBatch } = recovered;
  const anchored = batches.find((batch) => !batch.anchored)?.record.batch ?? nextBatch;
  if (onLedger > nextBatch) {
    throw gatewayError(
      'gateway/forked-anchors',
      `The ledger holds ${onLedger} batches of ${account} and this journal has closed ${nextBatch}. Put back the journal that made them, or register a new gateway account.`,
      { onLedger, closed: nextBatch },
    );
  }
  if (onLedger < anchored) {
    throw gatewayError(
      'gateway/ledger-behind',
      `The ledger holds ${onLedger} batches of ${account}, the journal knows of ${anchored}. Start with the ledger that has them.`,
      { onLedger, anchored },
    );
  }
}

/** The book of batches after `recoverStore`: all are stored, some not anchored. */
export function recoverBook(opened: OpenedJournal, counters: PackCounters): BatchBook {
  const { head, recovered } = opened;
  // Batches before the first one that the journal still holds were finished.
  const book = new BatchBook(head.retainedFrom?.batch ?? 0);
  if (head.retainedFrom !== null) book.addBoundary(head.retainedFrom);
  for (const batch of recovered.batches) {
    const closed = toClosed(batch);
    book.add(closed);
    book.markStored(closed);
    if (batch.anchored) book.markAnchored(closed);
    // Those that the last run had not seen stored count as received again.
    if (batch.packRecords !== undefined) {
      counters.receive(batch.record.count);
      counters.store(batch.record.count);
    }
  }
  return book;
}

function toClosed(batch: RecoveredBatch): ClosedBatch {
  return {
    record: batch.record,
    durable: Promise.resolve(batch.closedAt),
    packs: [],
    anchored: false,
    submissions: [...batch.submissions],
  };
}
