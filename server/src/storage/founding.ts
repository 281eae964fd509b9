// A state that came from a snapshot: the height of it, and that one is being brought in.

import { asUint, decodeCbor, encodeCbor, equalBytes, utf8ToBytes } from '@suyuan/contracts';
import { type Snapshot, type StateDatabase, TABLES, type TableWrite } from './database.ts';

const BASE = utf8ToBytes('base');
const IMPORTING = utf8ToBytes('importing');
const CLEARED_KEYS = 4_096;
/** Below and above every key of a table. */
const LEAST = Uint8Array.of(0);
const MOST = new Uint8Array(64).fill(0xff);

/** The height at which the state was founded: this node's blocks begin above it. 0: at the genesis. */
export function readBase(at: Snapshot): number {
  const bytes = at.get('meta', BASE);
  return bytes === undefined ? 0 : asUint(decodeCbor(bytes), 'base');
}

export function baseWrite(height: number): TableWrite {
  return { table: 'meta', key: BASE, value: encodeCbor(height) };
}

/** Everything in the database is half a snapshot: not to be used. */
export function isImporting(at: Snapshot): boolean {
  return at.get('meta', IMPORTING) !== undefined;
}

export function importingWrite(importing: boolean): TableWrite {
  return { table: 'meta', key: IMPORTING, value: importing ? Uint8Array.of(1) : null };
}

/** Removes all that the database holds; the mark of an import goes last. */
export async function clearDatabase(db: StateDatabase): Promise<void> {
  for (const table of TABLES) {
    if (table === 'meta') continue;
    await clearTable(db, table, () => true);
  }
  const mark = importingWrite(false).key;
  await clearTable(db, 'meta', (key) => !equalBytes(key, mark));
  await db.write([importingWrite(false)]);
}

async function clearTable(
  db: StateDatabase,
  table: TableWrite['table'],
  goes: (key: Uint8Array) => boolean,
): Promise<void> {
  for (;;) {
    const keys = db.keys(table, LEAST, MOST, CLEARED_KEYS).filter(goes);
    if (keys.length === 0) return;
    await db.write(keys.map((key) => ({ table, key, value: null })));
  }
}
