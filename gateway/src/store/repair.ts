// After a start: what the journal says is stored must be in the column store, whole and once. A crash may have come between two
// inserts of a batch, and a store that was put back from a copy, or that does not sync, may lack rows that the journal has still.

import { bytesToHex, type Hash } from '@suyuan/contracts';
import type { Journal } from '../journal/journal.ts';
import { decodeRecord, type PackRecord, type QuarantineRecord } from '../journal/records.ts';
import type { Recovered, RecoveredBatch } from '../journal/recovery.ts';
import { type AcceptedPack, acceptedFromJournal } from '../pipeline/accepted-pack.ts';
import type { ColumnStore } from './column-store.ts';

export interface RepairParts {
  readonly account: string;
  readonly hash: Hash;
  readonly store: ColumnStore;
  readonly journal: Journal;
  readonly random: (size_bytes: number) => Uint8Array;
}

const NONCE_BYTES = 8;

/** Brings the store up to the journal and returns the numbers of the batches that had to be written. */
export async function repairBatches(
  parts: RepairParts,
  batches: readonly RecoveredBatch[],
): Promise<number[]> {
  const first = batches[0];
  if (first === undefined) return [];
  const counts = await parts.store.batchCounts(parts.account, first.record.batch);
  const written: number[] = [];
  for (const batch of batches) {
    const { batch: number, count, readings } = batch.record;
    const there = counts.get(number);
    const whole = there?.packs === count && there.readings === readings;
    if (!whole) {
      if (there !== undefined) await parts.store.deleteBatch(parts.account, number);
      const packs = await packsOf(parts, batch);
      // The store may remember the token of rows that it has lost.
      const repair = `/repair-${bytesToHex(parts.random(NONCE_BYTES))}`;
      await parts.store.insertBatch(parts.account, { batch: number, packs }, repair);
      written.push(number);
    }
    if (batch.packRecords !== undefined) parts.journal.note({ kind: 'stored', batch: number });
  }
  return written;
}

async function packsOf(parts: RepairParts, batch: RecoveredBatch): Promise<AcceptedPack[]> {
  const records = batch.packRecords ?? (await readPacks(parts.journal, batch));
  return records.map((record) => acceptedFromJournal(parts.hash, record));
}

async function readPacks(journal: Journal, batch: RecoveredBatch): Promise<PackRecord[]> {
  const records: PackRecord[] = [];
  for (const position of batch.packsAt) {
    const record = decodeRecord((await journal.read(position)).slice());
    if (record.kind === 'pack') records.push(record);
  }
  return records;
}

/** Quarantined packs of the journal that the store does not have. */
export async function missingQuarantine(
  parts: RepairParts,
  quarantined: Recovered['quarantined'],
): Promise<Recovered['quarantined']> {
  const first: QuarantineRecord | undefined = quarantined[0]?.record;
  if (first === undefined) return [];
  const there = await parts.store.quarantineNumbers(parts.account, first.number);
  return quarantined.filter(({ record }) => !there.has(record.number));
}
