// The closed batches that are not finished (stored and anchored) yet, in order, and where the journal may be cut.

import { comparePositions, type SegmentPosition } from '@suyuan/durable';
import type { ClosedBatch } from './closed-batch.ts';

export interface Boundary {
  /** Where the record stands that closed the batch before `batch`. */
  readonly position: SegmentPosition;
  readonly batch: number;
}

/** Boundaries between finished batches that are remembered: one a batch of the journal's retained files. */
const BOUNDARIES_MAX = 100_000;

export class BatchBook {
  /** Ascending. */
  readonly #open: ClosedBatch[] = [];
  #boundaries: Boundary[] = [];
  #next = 0;
  #stored = 0;
  #anchored = 0;
  #lastRoot: Uint8Array | undefined;

  /** Counts of batches that were finished before the first one added. */
  constructor(finished: number) {
    this.#next = finished;
    this.#stored = finished;
    this.#anchored = finished;
  }

  get unfinished(): readonly ClosedBatch[] {
    return this.#open;
  }

  get stored(): number {
    return this.#stored;
  }

  get anchored(): number {
    return this.#anchored;
  }

  get lastRoot(): Uint8Array | undefined {
    return this.#lastRoot;
  }

  get unanchored(): number {
    return this.#next - this.#anchored;
  }

  firstUnstored(): ClosedBatch | undefined {
    return this.#numbered(this.#stored);
  }

  firstUnanchored(): ClosedBatch | undefined {
    return this.#numbered(this.#anchored);
  }

  // Batches are numbered without gaps, and stored and anchored in their order: nothing has to be searched, however long the
  // ledger has been away.
  #numbered(batch: number): ClosedBatch | undefined {
    const first = this.#open[0];
    return first === undefined ? undefined : this.#open[batch - first.record.batch];
  }

  addBoundary(boundary: Boundary): void {
    this.#boundaries.push(boundary);
    // An older boundary only keeps the journal longer than it must be.
    if (this.#boundaries.length > BOUNDARIES_MAX) this.#boundaries.splice(1, BOUNDARIES_MAX / 2);
  }

  add(batch: ClosedBatch): void {
    this.#open.push(batch);
    this.#next = batch.record.batch + 1;
    this.#lastRoot = batch.record.root;
    batch.durable.then(
      (position) => this.addBoundary({ position, batch: batch.record.batch + 1 }),
      () => {},
    );
  }

  markStored(batch: ClosedBatch): void {
    batch.packs = undefined;
    this.#stored += 1;
    this.#trim();
  }

  markAnchored(batch: ClosedBatch): void {
    batch.anchored = true;
    this.#anchored += 1;
    this.#trim();
  }

  #trim(): void {
    while (this.#open[0]?.packs === undefined && this.#open[0]?.anchored === true) {
      this.#open.shift();
    }
  }

  /** The latest boundary before all that is unfinished and before `limit`; undefined when there is none. */
  retainedFrom(limit: SegmentPosition | undefined): Boundary | undefined {
    const oldest = this.#open[0]?.record.batch ?? Number.POSITIVE_INFINITY;
    return this.#boundaries.findLast(
      (b) => b.batch <= oldest && (limit === undefined || comparePositions(b.position, limit) < 0),
    );
  }

  forgetBefore(boundary: Boundary): void {
    this.#boundaries = this.#boundaries.filter((b) => b.batch >= boundary.batch);
  }
}
