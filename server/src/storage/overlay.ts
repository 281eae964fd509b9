// What a snapshot would be after writes that are not in the database yet. A block upon an uncommitted one reads through its
// parent's overlay, and an overlay goes on to answer alike while its writes are being stored below it.

import type { Snapshot, TableName, TableWrite } from './database.ts';

interface Layered {
  readonly values: ReadonlyMap<string, Uint8Array | null>;
  /** Ascending; made when keys are first listed. */
  sorted?: readonly string[];
}

/** `below` is asked each time: what was an overlay there becomes the database when it is stored. */
export function overlaySnapshot(below: () => Snapshot, writes: readonly TableWrite[]): Snapshot {
  // Made at the first read: many a block is stored before anything stands upon it.
  let layered: Map<TableName, Layered> | undefined;
  const own = (table: TableName): Layered | undefined => {
    layered ??= layersOf(writes);
    return layered.get(table);
  };

  return {
    get(table, key) {
      const value = own(table)?.values.get(keyText(key));
      if (value === undefined) return below().get(table, key);
      return value ?? undefined;
    },
    peek(table, key, use) {
      const value = own(table)?.values.get(keyText(key));
      if (value === undefined) return below().peek(table, key, use);
      return value === null ? undefined : use(value);
    },
    keys(table, start, end, limit) {
      const mine = own(table);
      if (mine === undefined) return below().keys(table, start, end, limit);
      const { values } = mine;
      mine.sorted ??= [...values.keys()].sort(compareText);
      const range = rangeOf(mine.sorted, keyText(start), keyText(end));
      const gone = range.filter((key) => values.get(key) === null).length;
      // Of the keys below as many may be removed here.
      const found = below()
        .keys(table, start, end, limit + gone)
        .map(keyText);
      const there = range.filter((key) => values.get(key) !== null);
      const all = [...found.filter((key) => !values.has(key)), ...there].sort(compareText);
      return all.slice(0, limit).map(textKey);
    },
  };
}

function layersOf(writes: readonly TableWrite[]): Map<TableName, Layered> {
  const tables = new Map<TableName, Map<string, Uint8Array | null>>();
  for (const { table, key, value } of writes) {
    const values = tables.get(table);
    if (values === undefined) tables.set(table, new Map([[keyText(key), value]]));
    else values.set(keyText(key), value);
  }
  return new Map([...tables].map(([table, values]) => [table, { values }]));
}

/** Bytes as text whose code units sort as the bytes do. */
export function keyText(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1');
}

export function textKey(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'));
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The part of an ascending list from `start` to before `end`. */
export function rangeOf(sorted: readonly string[], start: string, end: string): readonly string[] {
  return sorted.slice(lowerBound(sorted, start), lowerBound(sorted, end));
}

function lowerBound(sorted: readonly string[], key: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
