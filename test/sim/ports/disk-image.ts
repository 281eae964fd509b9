// What lies on a simulated disk: for each file what a reader sees, what a power loss leaves for certain, and the writes between.

import type { Prng } from '../kernel/prng.ts';

const SECTOR_BYTES = 512;

interface Write {
  readonly position: number;
  readonly bytes: Uint8Array;
}

/** Bytes that grow without being copied at each write. */
export class Bytes {
  #data: Uint8Array;
  length = 0;

  constructor(from: Uint8Array = new Uint8Array(0)) {
    this.#data = from.slice();
    this.length = from.length;
  }

  write(position: number, bytes: Uint8Array): void {
    const end = position + bytes.length;
    if (end > this.#data.length) {
      const grown = new Uint8Array(Math.max(1024, 2 * end));
      grown.set(this.#data.subarray(0, this.length));
      this.#data = grown;
    }
    // A hole reads as zeros, also where a longer file was cut before.
    if (position > this.length) this.#data.fill(0, this.length, position);
    this.#data.set(bytes, position);
    this.length = Math.max(this.length, end);
  }

  cut(size: number): void {
    if (size > this.length) this.write(this.length, new Uint8Array(size - this.length));
    this.length = size;
  }

  copy(from = 0, to = this.length): Uint8Array {
    return this.#data.slice(from, Math.min(to, this.length));
  }

  flip(position: number, bit: number): void {
    this.#data[position] = this.#data[position]! ^ (1 << bit);
  }
}

export interface Inode {
  seen: Bytes;
  durable: Bytes;
  pending: Write[];
  /** Durable sizes after the newest syncs, oldest first: what lies below the first of them has later batches behind it. */
  synced: number[];
}

export type Image = ReadonlyMap<string, Uint8Array>;

export function createInode(): Inode {
  return { seen: new Bytes(), durable: new Bytes(), pending: [], synced: [] };
}

const SYNCS_KEPT = 4;

export function writeInode(inode: Inode, position: number, bytes: Uint8Array): void {
  const copy = bytes.slice();
  inode.seen.write(position, copy);
  inode.pending.push({ position, bytes: copy });
}

export function syncInode(inode: Inode): void {
  for (const { position, bytes } of inode.pending) inode.durable.write(position, bytes);
  inode.pending = [];
  inode.synced.push(inode.durable.length);
  if (inode.synced.length > SYNCS_KEPT) inode.synced.shift();
}

/** After a power loss: the durable bytes and some of the sectors written since; now and then one of those with a bit turned. */
export function losePower(inode: Inode, random: Prng, rot: boolean): void {
  const share = random.next();
  for (const { position, bytes } of random.shuffle(inode.pending)) {
    for (let at = 0; at < bytes.length; ) {
      const sectorEnd = SECTOR_BYTES - ((position + at) % SECTOR_BYTES);
      const piece = bytes.slice(at, at + sectorEnd);
      if (random.chance(share)) {
        if (rot && random.chance(0.3)) {
          const bent = random.int(0, piece.length - 1);
          piece[bent] = piece[bent]! ^ (1 << random.int(0, 7));
        }
        inode.durable.write(position + at, piece);
      }
      at += piece.length;
    }
  }
  inode.pending = [];
  inode.seen = new Bytes(inode.durable.copy());
}
