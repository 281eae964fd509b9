// Serials of a label batch: 64 random bits each, so that nobody can guess one that was printed.

import { randomBytes } from 'node:crypto';
import { type Hash, leafHash, logRoot, unitLeaf } from '@suyuan/contracts';

const SERIAL_BYTES = 8;

export interface NewLabels {
  readonly serials: readonly string[];
  /** 32 bytes. */
  readonly root: Uint8Array;
}

export function newLabels(hash: Hash, gtin: string, lot: string, count: number): NewLabels {
  const serials = new Set<string>();
  while (serials.size < count) serials.add(randomBytes(SERIAL_BYTES).toString('base64url'));
  const list = [...serials];
  return {
    serials: list,
    root: logRoot(
      hash,
      list.map((serial) => leafHash(hash, unitLeaf(gtin, lot, serial))),
    ),
  };
}
