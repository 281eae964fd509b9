// What the journal says, record by record: CBOR arrays that begin with their kind. Batches need no list of their packs: batch n
// holds the pack records between the closing records of n − 1 and n, in the journal's order.

import {
  asArray,
  asBytes,
  asInt,
  asText,
  asUint,
  type CborValue,
  decodeCbor,
  encodeCbor,
} from '@suyuan/contracts';
import { gatewayError } from '../errors.ts';

export interface PackRecord {
  readonly kind: 'pack';
  readonly received_ms: number;
  readonly flags: number;
  readonly bytes: Uint8Array;
}

export interface QuarantineRecord {
  readonly kind: 'quarantined';
  /** Counts from 0 in this gateway, without a gap. */
  readonly number: number;
  readonly received_ms: number;
  /** Error code. */
  readonly reason: string;
  /** The device that the pack claims to be of, '' when it is not readable. */
  readonly claimed: string;
  /** The device that the connection was authenticated for, and where it came from. */
  readonly device: string;
  readonly connection: string;
  readonly topic: string;
  readonly bytes: Uint8Array;
}

export interface BatchRecord {
  readonly kind: 'batch-closed';
  readonly batch: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
  /** Packs. */
  readonly count: number;
  readonly readings: number;
  readonly from_ms: number;
  readonly to_ms: number;
}

export type JournalRecord =
  | PackRecord
  | QuarantineRecord
  | BatchRecord
  /** The batch is in the column store. */
  | { readonly kind: 'stored'; readonly batch: number }
  /** An anchor transaction is about to be handed in; `attempt` and `validUntilHeight` give its bytes again. */
  | {
      readonly kind: 'submitting';
      readonly batch: number;
      readonly attempt: number;
      readonly validUntilHeight: number;
    }
  | {
      readonly kind: 'anchored';
      readonly batch: number;
      readonly height: number;
      readonly time_ms: number;
    }
  /** Quarantined packs below `upTo` are in the column store. */
  | { readonly kind: 'quarantine-stored'; readonly upTo: number }
  /** All before it is in the snapshot that was taken with it. */
  | { readonly kind: 'snapshot' };

const KINDS = [
  'pack',
  'quarantined',
  'batch-closed',
  'stored',
  'submitting',
  'anchored',
  'quarantine-stored',
  'snapshot',
] as const;
const REASON_CHARS_MAX = 100;
const NAME_CHARS_MAX = 1024;

export function encodeRecord(record: JournalRecord): Uint8Array {
  return encodeCbor([KINDS.indexOf(record.kind), ...fieldsOf(record)]);
}

function fieldsOf(r: JournalRecord): CborValue[] {
  switch (r.kind) {
    case 'pack':
      return [r.received_ms, r.flags, r.bytes];
    case 'quarantined':
      return [
        r.number,
        r.received_ms,
        r.reason,
        r.claimed,
        r.device,
        r.connection,
        r.topic,
        r.bytes,
      ];
    case 'batch-closed':
      return [r.batch, r.root, r.count, r.readings, r.from_ms, r.to_ms];
    case 'stored':
      return [r.batch];
    case 'submitting':
      return [r.batch, r.attempt, r.validUntilHeight];
    case 'anchored':
      return [r.batch, r.height, r.time_ms];
    case 'quarantine-stored':
      return [r.upTo];
    case 'snapshot':
      return [];
  }
}

/** Throws `gateway/journal-inconsistent` on bytes that this version did not write. */
export function decodeRecord(bytes: Uint8Array): JournalRecord {
  try {
    const [kind, ...fields] = asArray(decodeCbor(bytes), 'journal record', 9);
    return readFields(KINDS[asUint(kind, 'kind', KINDS.length - 1)] ?? 'snapshot', fields);
  } catch (cause) {
    throw gatewayError(
      'gateway/journal-inconsistent',
      'The journal holds a record that this version did not write. Start the version that wrote it.',
      {},
      cause,
    );
  }
}

function readFields(kind: JournalRecord['kind'], f: readonly CborValue[]): JournalRecord {
  switch (kind) {
    case 'pack':
      return {
        kind,
        received_ms: asInt(f[0], 'received_ms'),
        flags: asUint(f[1], 'flags'),
        bytes: asBytes(f[2], 'bytes'),
      };
    case 'quarantined':
      return {
        kind,
        number: asUint(f[0], 'number'),
        received_ms: asInt(f[1], 'received_ms'),
        reason: asText(f[2], 'reason', REASON_CHARS_MAX),
        claimed: asText(f[3], 'claimed', NAME_CHARS_MAX),
        device: asText(f[4], 'device', NAME_CHARS_MAX),
        connection: asText(f[5], 'connection', NAME_CHARS_MAX),
        topic: asText(f[6], 'topic', NAME_CHARS_MAX),
        bytes: asBytes(f[7], 'bytes'),
      };
    case 'batch-closed':
      return {
        kind,
        batch: asUint(f[0], 'batch'),
        root: asBytes(f[1], 'root', 32),
        count: asUint(f[2], 'count'),
        readings: asUint(f[3], 'readings'),
        from_ms: asInt(f[4], 'from_ms'),
        to_ms: asInt(f[5], 'to_ms'),
      };
    case 'stored':
      return { kind, batch: asUint(f[0], 'batch') };
    case 'submitting':
      return {
        kind,
        batch: asUint(f[0], 'batch'),
        attempt: asUint(f[1], 'attempt'),
        validUntilHeight: asUint(f[2], 'validUntilHeight'),
      };
    case 'anchored':
      return {
        kind,
        batch: asUint(f[0], 'batch'),
        height: asUint(f[1], 'height'),
        time_ms: asUint(f[2], 'time_ms'),
      };
    case 'quarantine-stored':
      return { kind, upTo: asUint(f[0], 'upTo') };
    case 'snapshot':
      return { kind };
  }
}
