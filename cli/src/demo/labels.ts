// Serials of a label batch: 64 bits each that only the issuer's key can work out, so that nobody guesses one that was
// printed, and a start after a crash makes the same ones again.

import { createHmac } from 'node:crypto';
import { type Hash, leafHash, logRoot, type SecretKey, unitLeaf } from '@suyuan/contracts';

const SERIAL_BYTES = 8;

export interface Labels {
  readonly serials: readonly string[];
  /** 32 bytes. */
  readonly root: Uint8Array;
}

export interface LabelBatchName {
  readonly gtin: string;
  readonly lot: string;
  readonly batch: string;
}

export function labelsOf(
  hash: Hash,
  { secret }: SecretKey,
  { gtin, lot, batch }: LabelBatchName,
  count: number,
): Labels {
  const serials = new Set<string>();
  for (let number = 0; serials.size < count; number += 1) {
    const mac = createHmac('sha256', secret)
      .update(JSON.stringify(['suyuan/demo-serial/1', gtin, lot, batch, number]))
      .digest();
    serials.add(mac.subarray(0, SERIAL_BYTES).toString('base64url'));
  }
  const list = [...serials];
  const leaves = list.map((serial) => leafHash(hash, unitLeaf(gtin, lot, serial)));
  return { serials: list, root: logRoot(hash, leaves) };
}
