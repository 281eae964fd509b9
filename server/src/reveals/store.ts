// How often the right code of a unit was shown again after the ledger had taken it. A number and no more: who showed it is
// remembered for an hour, and in memory only (desk.ts).

import { AppError } from '@suyuan/contracts';
import { type Database, open } from 'lmdb';
import { type UnitKey, unitText } from '../scans/store.ts';

export interface RevealStore {
  again(unit: UnitKey): number;
  /** Counts one more and gives the number after it. Throws `scans/write-failed`. */
  count(unit: UnitKey): Promise<number>;
  close(): Promise<void>;
}

/** Beyond this nothing more is said by counting on. */
const AGAIN_MAX = 1_000_000;

/** Opens the environment in `directory`, making it where there is none. Throws `scans/damaged`. */
export function openRevealStore(directory: string): RevealStore {
  let db: Database<number, string>;
  try {
    db = open<number, string>({ path: directory, encoding: 'json', noSubdir: false });
  } catch (error) {
    throw new AppError(
      'scans/damaged',
      `The counts of codes in ${directory} cannot be opened. Move the folder away to begin new counts: the ledger is not touched.`,
      { directory },
      error,
    );
  }
  const again = (unit: UnitKey): number => db.get(unitText(unit)) ?? 0;
  return {
    again,
    async count(unit) {
      try {
        return await db.transaction(() => {
          const after = Math.min(AGAIN_MAX, again(unit) + 1);
          db.put(unitText(unit), after);
          return after;
        });
      } catch (error) {
        throw new AppError(
          'scans/write-failed',
          'The code was not counted: its store cannot be written. Free space or check the disk.',
          { directory },
          error,
        );
      }
    },
    async close() {
      await db.flushed;
      await db.close();
    },
  };
}
