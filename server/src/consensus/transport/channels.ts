// The channels in the order of their priority, and how a peer is called.

import { bytesToHex, type PublicKey, type Validator } from '@suyuan/contracts';
import type { Channel, Peer } from './port.ts';

/** Votes first: without them nothing else matters. */
export const CHANNELS: readonly Channel[] = ['consensus', 'blocks', 'transactions'];

/** Enough of a key that nobody makes another one that begins so. */
const OBSERVER_NAME_BYTES = 16;

/** One text for one key. */
export function keyName(key: PublicKey): string {
  return `${key.suite}:${bytesToHex(key.bytes)}${key.userId === undefined ? '' : `:${key.userId}`}`;
}

/** Validators whose keys are believed, by the names of their keys. */
export type AdmittedSet = ReadonlyMap<string, string>;

export function admittedSet(validators: readonly Validator[]): AdmittedSet {
  return new Map(validators.map(({ id, key }) => [keyName(key), id]));
}

/** Who the holder of a key is, as the admitted set sees it. */
export function peerOf(admitted: AdmittedSet, key: PublicKey): Peer {
  const id = admitted.get(keyName(key));
  if (id !== undefined) return { id, validator: true };
  const name = bytesToHex(key.bytes.subarray(0, OBSERVER_NAME_BYTES));
  return { id: `observer-${name}`, validator: false };
}
