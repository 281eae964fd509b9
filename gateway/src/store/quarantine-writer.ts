// Kept bad packs on their way from the journal to the column store.

import type { SegmentPosition } from '@suyuan/durable';
import { Worker } from '../batch/worker.ts';
import type { GatewayClock } from '../clock.ts';
import type { Journal } from '../journal/journal.ts';
import type { QuarantineRecord } from '../journal/records.ts';
import type { ColumnStore } from './column-store.ts';

const ROWS_PER_INSERT = 500;

interface Pending {
  readonly record: QuarantineRecord;
  readonly at: SegmentPosition;
}

export interface QuarantineWriterParts {
  readonly account: string;
  readonly clock: GatewayClock;
  readonly store: ColumnStore;
  readonly journal: Journal;
  readonly delay_ms: number;
  readonly backlog: number;
  readonly onError: (error: unknown) => void;
}

export class QuarantineWriter {
  readonly #parts: QuarantineWriterParts;
  readonly #worker: Worker<readonly Pending[]>;
  /** Ascending by number. */
  #pending: Pending[] = [];
  #onRoom: (() => void)[] = [];
  #cancelTimer: (() => void) | undefined;
  #flushing = false;
  #stopped = false;

  constructor(parts: QuarantineWriterParts) {
    this.#parts = parts;
    this.#worker = new Worker({
      clock: parts.clock,
      next: () => this.#next(),
      run: (rows) => this.#write(rows),
      onError: (error) => {
        parts.onError(error);
        return true;
      },
    });
  }

  /** The first record that the journal must keep. */
  get oldest(): SegmentPosition | undefined {
    return this.#pending[0]?.at;
  }

  get pending(): number {
    return this.#pending.length;
  }

  /** Resolves, or is undefined, when there is room for more. */
  add(record: QuarantineRecord, at: SegmentPosition): Promise<void> | undefined {
    this.#pending.push({ record, at });
    if (this.#stopped) return undefined;
    if (this.#pending.length >= ROWS_PER_INSERT) this.flush();
    else this.#cancelTimer ??= this.#parts.clock.setTimer(() => this.flush(), this.#parts.delay_ms);
    if (this.#pending.length < this.#parts.backlog) return undefined;
    return new Promise((resolve) => this.#onRoom.push(resolve));
  }

  flush(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#flushing = true;
    this.#worker.wake();
  }

  #next(): readonly Pending[] | undefined {
    if (!this.#flushing || this.#pending.length === 0) {
      this.#flushing = false;
      return undefined;
    }
    return this.#pending.slice(0, ROWS_PER_INSERT);
  }

  async #write(rows: readonly Pending[]): Promise<void> {
    const { account, store, journal } = this.#parts;
    await store.insertQuarantine(
      account,
      rows.map(({ record }) => record),
    );
    const upTo = (rows.at(-1)?.record.number ?? 0) + 1;
    journal.note({ kind: 'quarantine-stored', upTo });
    this.#pending = this.#pending.slice(rows.length);
    for (const resolve of this.#onRoom.splice(0)) resolve();
  }

  /** Those still waiting are written after the next start. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer?.();
    for (const resolve of this.#onRoom.splice(0)) resolve();
    await this.#worker.stop();
  }
}
