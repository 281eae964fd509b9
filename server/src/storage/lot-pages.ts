// Entries of lots by number, 64 lots a page: lots that were made together are read together, and a page is one read.

import type { Snapshot, TableName, TableWrite } from './database.ts';
import { uintKey } from './keys.ts';

export const PAGE_LOTS = 64;
const SHIFT = 6;

/** Number of the page that a lot's entry stands in. */
export function pageOf(lot: number): number {
  return lot >>> SHIFT;
}

export function pageKey(page: number): Uint8Array {
  return uintKey(page);
}

/** A page as it is stored: how many entries, where each ends (32 bits, after the table of ends), the entries. */
export interface LotPage {
  readonly view: DataView;
  readonly bytes: Uint8Array;
  readonly count: number;
}

export function openPage(bytes: Uint8Array): LotPage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { view, bytes, count: view.getUint8(0) };
}

/** Offset of the first byte of entry `index`, and with `index + 1` of the byte after it. */
export function entryAt(page: LotPage, index: number): number {
  const body = 1 + 4 * page.count;
  return index === 0 ? body : body + page.view.getUint32(4 * index - 3, true);
}

/** The entries of a stored page, not copied. */
export function entriesOf(bytes: Uint8Array): Uint8Array[] {
  const page = openPage(bytes);
  return Array.from({ length: page.count }, (_, i) =>
    bytes.subarray(entryAt(page, i), entryAt(page, i + 1)),
  );
}

function encodePage(entries: readonly Uint8Array[]): Uint8Array {
  const body = 1 + 4 * entries.length;
  const total = entries.reduce((sum, entry) => sum + entry.length, body);
  const bytes = new Uint8Array(total);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, entries.length);
  let at = body;
  entries.forEach((entry, i) => {
    bytes.set(entry, at);
    at += entry.length;
    view.setUint32(1 + 4 * i, at - body, true);
  });
  return bytes;
}

/** Pages under change: each is read once and written once. */
export interface PageEditor {
  get(lot: number): Uint8Array | undefined;
  /** An entry that is there, or the next one. */
  set(lot: number, entry: Uint8Array): void;
  writes(): TableWrite[];
}

export function editPages(at: Snapshot, table: TableName): PageEditor {
  const pages = new Map<number, Uint8Array[]>();
  const open = (number: number): Uint8Array[] => {
    const known = pages.get(number);
    if (known !== undefined) return known;
    const bytes = at.get(table, pageKey(number));
    const entries = bytes === undefined ? [] : entriesOf(bytes);
    pages.set(number, entries);
    return entries;
  };
  return {
    get: (lot) => open(pageOf(lot))[lot % PAGE_LOTS],
    set(lot, entry) {
      const entries = open(pageOf(lot));
      const index = lot % PAGE_LOTS;
      if (index > entries.length) throw new Error(`lot pages: lot ${lot} comes before its turn`);
      entries[index] = entry;
    },
    writes: () =>
      [...pages].map(([number, entries]) => ({
        table,
        key: pageKey(number),
        value: encodePage(entries),
      })),
  };
}
