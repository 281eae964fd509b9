import {
  type DecodedPack,
  decodePack,
  FUTURE_AFTER_MS,
  type Hash,
  LATE_AFTER_MS,
  leafHash,
  packId,
  packReadings,
  type Reading,
} from '@suyuan/contracts';

/** Bits of the `flags` columns; a pack carries those of all its readings. */
export const FLAG = {
  /** Reached the gateway more than LATE_AFTER_MS after its own time. */
  late: 1,
  /** Its time is more than FUTURE_AFTER_MS ahead of the gateway's. */
  future: 2,
  /** Of a pack: its `prev` contradicts the pack before it. */
  chainBreak: 4,
  /** Of a pack: it holds a reading from before the device was first assigned to a place. Such readings are not stated. */
  unassigned: 8,
} as const;

/** A pack that was taken: on its way to the journal, a batch and the column store. */
export interface AcceptedPack {
  readonly deviceId: string;
  readonly bootEpoch: number;
  readonly seq: number;
  /** 32 bytes each. */
  readonly id: Uint8Array;
  readonly prev: Uint8Array;
  readonly leafHash: Uint8Array;
  readonly bytes: Uint8Array;
  readonly received_ms: number;
  readonly flags: number;
  readonly readings: readonly Reading[];
}

export function readingFlags(time_ms: number, received_ms: number): number {
  if (received_ms - time_ms > LATE_AFTER_MS) return FLAG.late;
  return time_ms - received_ms > FUTURE_AFTER_MS ? FLAG.future : 0;
}

/** The pack as it stood when it was taken, from its journal record. */
export function acceptedFromJournal(
  hash: Hash,
  record: { readonly bytes: Uint8Array; readonly received_ms: number; readonly flags: number },
): AcceptedPack {
  const pack = decodePack(record.bytes);
  return toAccepted(hash, pack, packId(hash, pack), packReadings(pack), record);
}

export function toAccepted(
  hash: Hash,
  pack: DecodedPack,
  id: Uint8Array,
  readings: readonly Reading[],
  seen: { readonly received_ms: number; readonly flags: number },
): AcceptedPack {
  return {
    deviceId: pack.deviceId,
    bootEpoch: pack.bootEpoch,
    seq: pack.seq,
    id,
    prev: pack.prev,
    leafHash: leafHash(hash, pack.bytes),
    bytes: pack.bytes,
    received_ms: seen.received_ms,
    flags: seen.flags,
    readings,
  };
}
