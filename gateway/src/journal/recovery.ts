// Reading the journal at start: which packs, batches and quarantined packs are not finished yet.

import { equalBytes, type Hash, leafHash, logRoot } from '@suyuan/contracts';
import { comparePositions, type SegmentPosition } from '@suyuan/durable';
import { gatewayError } from '../errors.ts';
import { type AcceptedPack, acceptedFromJournal } from '../pipeline/accepted-pack.ts';
import type { DeviceStates } from '../pipeline/device-state.ts';
import {
  type BatchRecord,
  decodeRecord,
  type JournalRecord,
  type PackRecord,
  type QuarantineRecord,
} from './records.ts';
import type { SnapshotHead } from './snapshot.ts';

export interface Submission {
  readonly attempt: number;
  readonly validUntilHeight: number;
}

export interface RecoveredBatch {
  readonly record: BatchRecord;
  /** Where its closing record stands. */
  readonly closedAt: SegmentPosition;
  readonly packsAt: readonly SegmentPosition[];
  /** Undefined once the journal says that the batch is stored. */
  packRecords: readonly PackRecord[] | undefined;
  anchored: boolean;
  readonly submissions: Submission[];
}

export interface Recovered {
  readonly batches: RecoveredBatch[];
  /** Packs of the batch that is still open. */
  readonly open: AcceptedPack[];
  readonly nextBatch: number;
  readonly quarantined: { readonly record: QuarantineRecord; readonly at: SegmentPosition }[];
  readonly quarantineNext: number;
}

interface OpenPack {
  readonly record: PackRecord;
  readonly at: SegmentPosition;
}

function inconsistent(what: string): never {
  throw gatewayError(
    'gateway/journal-inconsistent',
    `${what} Nothing was changed. Put the gateway's directory back from a copy of one moment.`,
  );
}

export class RecoveryScan {
  readonly #hash: Hash;
  readonly #states: DeviceStates;
  readonly #head: SnapshotHead;
  readonly #batches: RecoveredBatch[] = [];
  #open: OpenPack[] = [];
  #nextBatch: number;
  #quarantined: { record: QuarantineRecord; at: SegmentPosition }[] = [];
  #quarantineNext: number;

  constructor(hash: Hash, states: DeviceStates, head: SnapshotHead) {
    this.#hash = hash;
    this.#states = states;
    this.#head = head;
    this.#nextBatch = head.retainedFrom?.batch ?? 0;
    this.#quarantineNext = 0;
  }

  /** Takes the journal's records in order. Throws `gateway/journal-inconsistent`. */
  onRecord(bytes: Uint8Array, at: SegmentPosition): void {
    const record = decodeRecord(bytes);
    if (record.kind === 'pack') this.#pack(record, at);
    else if (record.kind === 'quarantined') this.#quarantine(record, at);
    else if (record.kind === 'batch-closed') this.#close(record, at);
    else this.#progress(record);
  }

  #pack(record: PackRecord, at: SegmentPosition): void {
    // The log may hand out views of a buffer that it uses again.
    this.#open.push({ record: { ...record, bytes: record.bytes.slice() }, at });
    const { windowsAt } = this.#head;
    if (windowsAt !== null && comparePositions(at, windowsAt) < 0) return;
    const pack = acceptedFromJournal(this.#hash, record);
    const device = this.#states.of(pack.deviceId);
    if (device.window.classify(pack) !== 'new') inconsistent('The journal holds a pack twice.');
    device.take(pack);
  }

  #quarantine(record: QuarantineRecord, at: SegmentPosition): void {
    this.#quarantined.push({ record: { ...record, bytes: record.bytes.slice() }, at });
    this.#quarantineNext = record.number + 1;
  }

  #close(record: BatchRecord, at: SegmentPosition): void {
    // The first record that is read closes the batch before the first retained one.
    if (this.#open.length === 0 && record.batch === this.#nextBatch - 1) return;
    if (record.batch !== this.#nextBatch || record.count !== this.#open.length) {
      inconsistent(`The journal closes batch ${record.batch} with the wrong packs.`);
    }
    const packRecords = this.#open.map((pack) => pack.record);
    const root = logRoot(
      this.#hash,
      packRecords.map((pack) => leafHash(this.#hash, pack.bytes)),
    );
    if (!equalBytes(root, record.root)) {
      inconsistent(`The packs of batch ${record.batch} do not have the root that was closed.`);
    }
    this.#batches.push({
      record: { ...record, root: record.root.slice() },
      closedAt: at,
      packsAt: this.#open.map((pack) => pack.at),
      packRecords,
      anchored: false,
      submissions: [],
    });
    this.#open = [];
    this.#nextBatch += 1;
  }

  #progress(record: Exclude<JournalRecord, PackRecord | QuarantineRecord | BatchRecord>): void {
    if (record.kind === 'snapshot') return;
    if (record.kind === 'quarantine-stored') {
      this.#quarantined = this.#quarantined.filter((q) => q.record.number >= record.upTo);
      return;
    }
    // Batches before the first retained one are finished; what is said of them is history.
    const first = this.#batches[0]?.record.batch ?? 0;
    const batch = this.#batches[record.batch - first];
    if (batch === undefined) return;
    if (record.kind === 'stored') batch.packRecords = undefined;
    else if (record.kind === 'anchored') batch.anchored = true;
    else batch.submissions.push(record);
  }

  result(): Recovered {
    return {
      batches: this.#batches,
      open: this.#open.map(({ record }) => acceptedFromJournal(this.#hash, record)),
      nextBatch: this.#nextBatch,
      quarantined: this.#quarantined,
      quarantineNext: Math.max(this.#quarantineNext, this.#head.quarantineNext),
    };
  }
}
