// What a state can be built from: all blocks from the first, or another snapshot.

import { existsSync } from 'node:fs';
import { AppError, isAppError } from '@suyuan/contracts';
import { openStateDatabase, type StateDatabase } from '../storage/database.ts';
import { isImporting, readBase } from '../storage/founding.ts';

/** Before the state is thrown away. Throws `snapshot/other-base` where the log does not hold the blocks to build it again. */
export async function assertFromGenesis(directory: string, stateDirectory: string): Promise<void> {
  if (!existsSync(stateDirectory)) return;
  let db: StateDatabase;
  try {
    db = await openStateDatabase(stateDirectory);
  } catch (error) {
    // Nothing is lost with it; where the log begins later, opening that says so.
    if (isAppError(error, 'state/damaged')) return;
    throw error;
  }
  let base = 0;
  try {
    if (!isImporting(db)) base = readBase(db);
  } catch {
    return;
  } finally {
    await db.close();
  }
  if (base > 0) {
    throw new AppError(
      'snapshot/other-base',
      `This node was founded on a snapshot at block ${base} and has no block below that to rebuild its state from; nothing was changed. To begin anew move ${directory} away and start with an empty one, on another snapshot. A validator keeps its key and its guard file.`,
      { base },
    );
  }
}
