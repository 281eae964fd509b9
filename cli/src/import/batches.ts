// Calls → transactions: as many calls as one signature may carry, in their order.

import { createHash } from 'node:crypto';
import {
  BATCH_CALLS_MAX,
  type CborObject,
  encodeCbor,
  payloadFromJson,
  TX_SIZE_BYTES_MAX,
} from '@suyuan/contracts';
import type { RowCall } from './row-call.ts';

export interface Batch {
  /** From 0. */
  readonly number: number;
  readonly calls: readonly RowCall[];
  readonly payload: CborObject;
  /** SHA-256 of the encoded payload. */
  readonly digest: Uint8Array;
}

/** What the envelope of a transaction needs beside its calls. */
const ENVELOPE_BYTES = 1024;

/** Throws `rules/bad-payload` for a payload that no CBOR holds. */
export function toBatches(calls: readonly RowCall[]): Batch[] {
  const batches: Batch[] = [];
  let taken: { call: RowCall; value: CborObject }[] = [];
  let size = 0;
  const close = (): void => {
    if (taken.length === 0) return;
    const payload = { calls: taken.map(({ value }) => value) };
    const digest = new Uint8Array(createHash('sha256').update(encodeCbor(payload)).digest());
    batches.push({
      number: batches.length,
      calls: taken.map(({ call }) => call),
      payload,
      digest,
    });
    taken = [];
    size = 0;
  };
  for (const call of calls) {
    const { module, action } = call;
    const value = { module, action, payload: payloadFromJson(module, action, call.payload) };
    const bytes = encodeCbor(value).length;
    if (taken.length === BATCH_CALLS_MAX || size + bytes > TX_SIZE_BYTES_MAX - ENVELOPE_BYTES) {
      close();
    }
    taken.push({ call, value });
    size += bytes;
  }
  close();
  return batches;
}

/**
 * 16 bytes that are the same whenever the same batch of rows is imported for the same account of the same ledger, so that it cannot stand
 * there twice. A refusal that stands in a block has spent its key: `attempt` counts those.
 */
export function batchKey(
  batch: Pick<Batch, 'number' | 'digest'>,
  place: { readonly chainId: Uint8Array; readonly account: string; readonly attempt: number },
): Uint8Array {
  const hash = createHash('sha256');
  hash.update(`suyuan/import/1\0${place.account}\0${batch.number}\0${place.attempt}\0`);
  hash.update(place.chainId).update(batch.digest);
  return new Uint8Array(hash.digest().subarray(0, 16));
}
