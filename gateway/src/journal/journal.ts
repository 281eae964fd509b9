// The journal of the gateway: what it has acknowledged, and what became of it. Appends are durable in the order of their calls.

import type { AppError } from '@suyuan/contracts';
import type { SegmentedLog, SegmentPosition } from '@suyuan/durable';
import { gatewayError } from '../errors.ts';
import { encodeRecord, type JournalRecord } from './records.ts';

export interface Journal {
  /** Queues the record at once and resolves with its position when it is durable. Throws `gateway/journal-failed`. */
  append(record: JournalRecord): Promise<SegmentPosition>;
  /** As `append` for a record that nobody waits for: a failure is seen by the next one that does. */
  note(record: JournalRecord): void;
  read(position: SegmentPosition): Promise<Uint8Array>;
  dropBefore(position: SegmentPosition): Promise<void>;
  close(): Promise<void>;
}

export function createJournal(log: SegmentedLog, onFailure: (error: AppError) => void): Journal {
  function append(record: JournalRecord): Promise<SegmentPosition> {
    return log.append(encodeRecord(record)).catch((cause: unknown) => {
      const error = gatewayError(
        'gateway/journal-failed',
        'The journal cannot be written; nothing more is acknowledged. Check the disk and start the gateway again.',
        {},
        cause,
      );
      onFailure(error);
      throw error;
    });
  }
  return {
    append,
    note(record) {
      append(record).catch(() => {});
    },
    read: (position) => log.read(position),
    dropBefore: (position) => log.dropBefore(position),
    close: () => log.close(),
  };
}
