// Scan records in an LMDB environment of their own: they are no part of the ledger and cannot be rebuilt from it.

import { AppError, type ScanHistory } from '@suyuan/contracts';
import { type Database, open } from 'lmdb';
import { addScan, agedRecord, historyOf, type Scan, type ScanRecord } from './record.ts';

export interface UnitKey {
  readonly gtin: string;
  readonly lot: string;
  readonly serial: string;
}

export interface ScanStore {
  /** Counts a scan and gives what there is after it. Throws `http/busy` or `scans/write-failed`. */
  add(unit: UnitKey, scan: Scan): Promise<ScanHistory>;
  history(unit: UnitKey): ScanHistory;
  /** Drops the tokens of days that are over and records past their time, a slice at a time; gives how many it changed. */
  sweep(today: number): Promise<number>;
  close(): Promise<void>;
}

const WAITING_MAX = 256;
const SLICE = 200;

/** Opens the environment in `directory`, making it where there is none. Throws `scans/damaged`. */
export function openScanStore(directory: string): ScanStore {
  let db: Database<ScanRecord, string>;
  try {
    db = open<ScanRecord, string>({ path: directory, encoding: 'json', noSubdir: false });
  } catch (error) {
    throw new AppError(
      'scans/damaged',
      `The scan counts in ${directory} cannot be opened. Move the folder away to begin new counts: the ledger is not touched.`,
      { directory },
      error,
    );
  }
  let waiting = 0;
  let closed = false;

  return {
    async add(unit, scan) {
      if (waiting >= WAITING_MAX) {
        throw new AppError('http/busy', 'Too many scans at once; send it again in a moment.');
      }
      waiting += 1;
      try {
        const key = unitText(unit);
        const after = await db.transaction(() => {
          const record = addScan(db.get(key), scan);
          db.put(key, record);
          return record;
        });
        return historyOf(after);
      } catch (error) {
        throw new AppError(
          'scans/write-failed',
          'The scan was not counted: its store cannot be written. Free space or check the disk.',
          { directory },
          error,
        );
      } finally {
        waiting -= 1;
      }
    },
    history: (unit) => historyOf(db.get(unitText(unit))),
    async sweep(today) {
      let changed = 0;
      let after: string | undefined;
      for (;;) {
        if (closed) return changed;
        const start = after === undefined ? {} : { start: after, exclusiveStart: true };
        const slice = [...db.getRange({ ...start, limit: SLICE })];
        for (const { key } of slice) {
          const did = await db.transaction(() => {
            const record = db.get(key);
            if (record === undefined) return false;
            const aged = agedRecord(record, today);
            if (aged === record) return false;
            if (aged === undefined) db.remove(key);
            else db.put(key, aged);
            return true;
          });
          if (did) changed += 1;
        }
        after = slice.at(-1)?.key;
        if (slice.length < SLICE) return changed;
      }
    },
    async close() {
      closed = true;
      await db.flushed;
      await db.close();
    },
  };
}

export function unitText({ gtin, lot, serial }: UnitKey): string {
  return `${gtin}/${encodeURIComponent(lot)}/${encodeURIComponent(serial)}`;
}
