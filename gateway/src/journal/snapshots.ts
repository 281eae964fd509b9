// Writing snapshots, and dropping the journal's files that nothing needs.

import { writeFileAtomically } from '@suyuan/durable';
import type { BatchBook } from '../batch/batch-book.ts';
import type { DeviceStates } from '../pipeline/device-state.ts';
import type { Quarantine } from '../pipeline/quarantine.ts';
import type { QuarantineWriter } from '../store/quarantine-writer.ts';
import type { Journal } from './journal.ts';
import { encodeDevice, encodeSnapshot, type SnapshotHead } from './snapshot.ts';

export interface SnapshotParts {
  readonly path: string;
  readonly head: SnapshotHead;
  readonly journal: Journal;
  readonly states: DeviceStates;
  readonly book: BatchBook;
  readonly quarantine: Quarantine;
  readonly quarantineWriter: QuarantineWriter;
}

export class Snapshots {
  readonly #parts: SnapshotParts;
  /**
   * Where the journal may be cut by the next snapshot: always one snapshot behind, so that at a start some finished batches
   * are read again and compared with the column store.
   */
  #retained: SnapshotHead['retainedFrom'];
  #writing: Promise<void> = Promise.resolve();

  constructor(parts: SnapshotParts) {
    this.#parts = parts;
    this.#retained = parts.head.retainedFrom;
  }

  /** Writes one after the ones under way. */
  write(): Promise<void> {
    const done = this.#writing.then(() => this.#write());
    this.#writing = done.catch(() => {});
    return done;
  }

  async #write(): Promise<void> {
    const { head, journal, states, book, quarantine, quarantineWriter, path } = this.#parts;
    // In one turn: the windows hold exactly the packs whose records stand before this one. Packs that are not durable yet
    // are durable when it is, so the snapshot never knows a pack that a crash takes back.
    const devices = states.all().map(encodeDevice);
    const quarantineNext = quarantine.next;
    const windowsAt = await journal.append({ kind: 'snapshot' });
    const next = book.retainedFrom(quarantineWriter.oldest);
    const retainedFrom = this.#retained;
    await writeFileAtomically(
      path,
      encodeSnapshot({ ...head, retainedFrom, windowsAt, quarantineNext }, devices),
    );
    if (retainedFrom !== null) {
      await journal.dropBefore(retainedFrom.position);
      book.forgetBefore(retainedFrom);
    }
    if (next !== undefined) this.#retained = next;
  }
}
