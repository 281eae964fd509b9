// Records of the journal's file. `number` counts what was kept: a record that was written again, so that the segment it lay in could be
// dropped, is known by it and keeps its place.

import { asArray, asBytes, asInt, asUint, decodeCbor, encodeCbor } from '@suyuan/contracts';
import type { JournalRecord } from './port.ts';

/** All of earlier epochs, and of slots up to this one, is committed. */
export interface Released {
  readonly epoch: number;
  readonly slot: number;
}

export type Entry =
  | { readonly type: 'record'; readonly number: number; readonly record: JournalRecord }
  | { readonly type: 'released'; readonly to: Released };

export function encodeEntry(entry: Entry): Uint8Array {
  if (entry.type === 'released') return encodeCbor(['released', entry.to.epoch, entry.to.slot]);
  const { type, epoch, slot, message } = entry.record;
  return encodeCbor([type, epoch, slot, entry.number, message]);
}

/** Undefined when it is no record of a journal that this program knows. Throws `cbor/*` or `format/*`. */
export function decodeEntry(bytes: Uint8Array): Entry | undefined {
  const fields = asArray(decodeCbor(bytes), 'journal record', 5, 3);
  const [type, first, second, number, message] = fields;
  // A release of all that lies before an epoch goes up to its root, slot −1.
  const place = { epoch: asUint(first, 'epoch'), slot: asInt(second, 'slot', -1) };
  if (type === 'released') return { type: 'released', to: place };
  if (type !== 'candidate' && type !== 'certificate') return undefined;
  return {
    type: 'record',
    number: asUint(number, 'number'),
    record: { type, ...place, message: asBytes(message, 'message') },
  };
}

export function isReleased(
  released: Released | null,
  { epoch, slot }: { readonly epoch: number; readonly slot: number },
): boolean {
  if (released === null) return false;
  return epoch < released.epoch || (epoch === released.epoch && slot <= released.slot);
}
