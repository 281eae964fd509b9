// What the gateway remembers of one start (bootEpoch) of one device: which numbers came, and the ids of the latest.

import { equalBytes } from '@suyuan/contracts';
import type { GapList } from './gaps.ts';

/** Half a hash is enough to tell packs apart: two packs of one id would have to be made by the key's holder. */
export const SHORT_ID_BYTES = 16;
const SLOT_BYTES = 2 * SHORT_ID_BYTES;
const EMPTY = -1;

export function shortId(id: Uint8Array): Uint8Array {
  return id.subarray(0, SHORT_ID_BYTES);
}

export class BootWindow {
  readonly bootEpoch: number;
  readonly gaps: GapList;
  readonly #size: number;
  /** The number each slot holds, and its id and prev (16 bytes each) side by side. Slot of a number: seq mod size. */
  readonly #seqs: Float64Array;
  readonly #ids: Uint8Array;
  #next: number;

  constructor(bootEpoch: number, size: number, gaps: GapList, next = 0) {
    this.bootEpoch = bootEpoch;
    this.gaps = gaps;
    this.#size = size;
    this.#seqs = new Float64Array(size).fill(EMPTY);
    this.#ids = new Uint8Array(size * SLOT_BYTES);
    this.#next = next;
  }

  /** One above the highest number that came. */
  get next(): number {
    return this.#next;
  }

  /** True if the number neither came nor is too old to know. */
  isOpen(seq: number): boolean {
    return seq >= this.#next || this.gaps.has(seq);
  }

  idAt(seq: number): Uint8Array | undefined {
    return this.#at(seq, 0);
  }

  prevAt(seq: number): Uint8Array | undefined {
    return this.#at(seq, SHORT_ID_BYTES);
  }

  #at(seq: number, skip: number): Uint8Array | undefined {
    const slot = seq % this.#size;
    if (seq < 0 || this.#seqs[slot] !== seq) return undefined;
    const start = slot * SLOT_BYTES + skip;
    return this.#ids.subarray(start, start + SHORT_ID_BYTES);
  }

  /** Takes a number for which `isOpen`. */
  accept(seq: number, id: Uint8Array, prev: Uint8Array): void {
    if (seq >= this.#next) {
      if (seq > this.#next) this.gaps.open(this.#next, seq - 1);
      this.#next = seq + 1;
    } else {
      this.gaps.close(seq);
    }
    this.remember(seq, id, prev);
  }

  /** Keeps the id of a number that came, unless newer numbers need its slot. */
  remember(seq: number, id: Uint8Array, prev: Uint8Array): void {
    if (seq <= this.#next - 1 - this.#size) return;
    const slot = seq % this.#size;
    this.#seqs[slot] = seq;
    this.#ids.set(shortId(id), slot * SLOT_BYTES);
    this.#ids.set(shortId(prev), slot * SLOT_BYTES + SHORT_ID_BYTES);
  }

  /** True if a neighbour that is still remembered contradicts the chain. */
  contradicts(seq: number, id: Uint8Array, prev: Uint8Array): boolean {
    const before = seq > 0 ? this.idAt(seq - 1) : undefined;
    const after = this.prevAt(seq + 1);
    return (
      (before !== undefined && !equalBytes(before, shortId(prev))) ||
      (after !== undefined && !equalBytes(after, shortId(id)))
    );
  }

  /** The numbers whose ids are remembered, ascending. */
  remembered(): number[] {
    const oldest = this.#next - this.#size;
    return [...this.#seqs].filter((seq) => seq !== EMPTY && seq >= oldest).sort((a, b) => a - b);
  }
}
