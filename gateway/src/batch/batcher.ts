// Batches: packs in the order of the journal, closed by count, by age, or on request.

import { type Hash, logRoot } from '@suyuan/contracts';
import type { SegmentPosition } from '@suyuan/durable';
import type { GatewayClock } from '../clock.ts';
import type { Journal } from '../journal/journal.ts';
import type { BatchRecord } from '../journal/records.ts';
import type { AcceptedPack } from '../pipeline/accepted-pack.ts';
import type { ClosedBatch } from './closed-batch.ts';

export interface BatcherParts {
  readonly hash: Hash;
  readonly clock: GatewayClock;
  readonly journal: Journal;
  readonly batchPacks: number;
  readonly batchAge_ms: number;
  /** False while too many batches wait for the ledger; `poke` asks again. */
  readonly mayClose: () => boolean;
  readonly onClosed: (batch: ClosedBatch) => void;
}

export class Batcher {
  readonly #parts: BatcherParts;
  #packs: AcceptedPack[];
  #nextBatch: number;
  #cancelTimer: (() => void) | undefined;
  #overdue = false;
  #stopped = false;

  constructor(parts: BatcherParts, nextBatch: number, open: readonly AcceptedPack[]) {
    this.#parts = parts;
    this.#nextBatch = nextBatch;
    this.#packs = [...open];
    if (this.#packs.length > 0) this.#startTimer();
  }

  get openPacks(): number {
    return this.#packs.length;
  }

  /** Number of the open batch: how many have closed. */
  get nextBatch(): number {
    return this.#nextBatch;
  }

  /** Puts the pack into the open batch and the journal; resolves when it is durable. */
  add(pack: AcceptedPack): Promise<SegmentPosition> {
    const { received_ms, flags, bytes } = pack;
    this.#packs.push(pack);
    const durable = this.#parts.journal.append({ kind: 'pack', received_ms, flags, bytes });
    if (this.#packs.length === 1) this.#startTimer();
    this.poke();
    return durable;
  }

  #startTimer(): void {
    this.#cancelTimer = this.#parts.clock.setTimer(() => {
      this.#overdue = true;
      this.poke();
    }, this.#parts.batchAge_ms);
  }

  /** Closes the open batch if it is due and may close. */
  poke(): void {
    const due = this.#overdue || this.#packs.length >= this.#parts.batchPacks;
    if (due && !this.#stopped && this.#parts.mayClose()) this.close();
  }

  /** Closes the open batch; undefined when it is empty. */
  close(): ClosedBatch | undefined {
    const packs = this.#packs;
    if (packs.length === 0) return undefined;
    this.#cancelTimer?.();
    this.#overdue = false;
    const record = closingRecord(this.#parts.hash, this.#nextBatch, packs);
    const batch: ClosedBatch = {
      record,
      durable: this.#parts.journal.append(record),
      packs,
      anchored: false,
      submissions: [],
    };
    this.#packs = [];
    this.#nextBatch += 1;
    this.#parts.onClosed(batch);
    return batch;
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTimer?.();
  }
}

function closingRecord(hash: Hash, batch: number, packs: readonly AcceptedPack[]): BatchRecord {
  let readings = 0;
  let from_ms = Number.MAX_SAFE_INTEGER;
  let to_ms = 0;
  for (const pack of packs) {
    readings += pack.readings.length;
    from_ms = Math.min(from_ms, pack.received_ms);
    to_ms = Math.max(to_ms, pack.received_ms);
  }
  const root = logRoot(
    hash,
    packs.map((pack) => pack.leafHash),
  );
  return { kind: 'batch-closed', batch, root, count: packs.length, readings, from_ms, to_ms };
}
