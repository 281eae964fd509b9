// What a validator must still have after a crash to go on with its epoch: the candidates it voted for and the certificates it built
// upon. Its own votes stand in the signer's guard file.

export type JournalRecord =
  /** An encoded proposal message: header and transactions, or a repeat. */
  | {
      readonly type: 'candidate';
      readonly epoch: number;
      readonly slot: number;
      readonly message: Uint8Array;
    }
  /** An encoded certificate message. */
  | {
      readonly type: 'certificate';
      readonly epoch: number;
      readonly slot: number;
      readonly message: Uint8Array;
    };

export interface Journal {
  /** Records of this epoch above its released slots, in the order in which they were kept. */
  records(epoch: number): readonly JournalRecord[];
  /** Durable when it resolves. Everything appended while a sync runs shares the next one. */
  append(records: readonly JournalRecord[]): Promise<void>;
  /** All that is of earlier epochs, or of slots up to this one, is committed and may be dropped. Bounded work; may drop later. */
  release(epoch: number, slot: number): Promise<void>;
  close(): Promise<void>;
}
