import type { SegmentPosition } from '@suyuan/durable';
import type { BatchRecord } from '../journal/records.ts';
import type { Submission } from '../journal/recovery.ts';
import type { AcceptedPack } from '../pipeline/accepted-pack.ts';

/** A closed batch on its two ways: to the column store and to the ledger. */
export interface ClosedBatch {
  readonly record: BatchRecord;
  /** Resolves with the place of the closing record once it and all packs of the batch are durable. */
  readonly durable: Promise<SegmentPosition>;
  /** Undefined once stored. */
  packs: readonly AcceptedPack[] | undefined;
  anchored: boolean;
  readonly submissions: Submission[];
}
