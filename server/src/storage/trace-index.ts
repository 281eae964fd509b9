// The genealogy of lots. Lots are numbered in the order of their making, so a lot's inputs have smaller numbers than the lot:
// there are no cycles, and what is asked of a trace never depends on lots made later.

import {
  bytesToUtf8,
  decodeCbor,
  type LabelBatch,
  type Lot,
  lotKey,
  toLabelBatch,
  toLot,
  utf8ToBytes,
} from '@suyuan/contracts';
import type { Snapshot, TableWrite } from './database.ts';
import { afterPrefix, namesKey, uintKey } from './keys.ts';
import { editPages, entryAt, openPage, PAGE_LOTS, pageKey, pageOf } from './lot-pages.ts';
import type { StateChanges } from './state.ts';

/** What the index needs of a lot. */
export type IndexedLot = Pick<
  Lot,
  'gtin' | 'lot' | 'made' | 'place' | 'maker' | 'inputs' | 'moves'
>;

export type Presence = 'place' | 'holder';

const LOTS = 'lots/';
const LABELS = 'labels/';
const COUNT = utf8ToBytes('lots');
/** Children in a lot's own entry; more go to entries of so many each, so that an entry is never rewritten whole for long. */
export const INLINE_CHILDREN = 64;
/** Of an entry with children: what was made (64 bits), how many full chunks of children stand elsewhere (32 bits). */
export const CHILDREN_AT = 12;
export const PARENTS_AT = 8;
const MASK_BYTES = PAGE_LOTS / 8;
const PRESENCE_PAGES = 1024;
/** Lots are numbered in 32 bits. */
const LOTS_MAX = 2 ** 32 - 1;

/** Lots in the index; undefined where there is none, as in a database of an older program. */
export function lotCount(at: Snapshot): number | undefined {
  const bytes = at.get('meta', COUNT);
  return bytes === undefined ? undefined : readUint(bytes);
}

export function lotCountWrite(count: number): TableWrite {
  return { table: 'meta', key: COUNT, value: uintKey(count) };
}

/** What stands after `lots/` in the state key. */
export function lotName(gtin: string, lot: string): string {
  return lotKey(gtin, lot).slice(LOTS.length);
}

export function lotNumber(at: Snapshot, name: string): number | undefined {
  const bytes = at.get('lot-numbers', utf8ToBytes(name));
  return bytes === undefined ? undefined : readUint(bytes);
}

/** The name of a lot below `lotCount`. */
export function lotNameOf(at: Snapshot, number: number): string {
  const bytes = at.get('lot-names', pageKey(pageOf(number)));
  if (bytes === undefined) throw new Error(`trace index: lot ${number} has no name`);
  const page = openPage(bytes);
  const index = number % PAGE_LOTS;
  return bytesToUtf8(bytes.subarray(entryAt(page, index), entryAt(page, index + 1)));
}

/** Where the `chunk`-th full chunk of a lot's children stands. */
export function childChunkKey(lot: number, chunk: number): Uint8Array {
  const key = new Uint8Array(8);
  const view = new DataView(key.buffer);
  view.setUint32(0, lot);
  view.setUint32(4, chunk);
  return key;
}

/** The writes that bring the index to the state after `changes`, which hold a lot's inputs before the lot. */
export function traceWrites(at: Snapshot, changes: StateChanges): TableWrite[] {
  const made: IndexedLot[] = [];
  const moved: Lot[] = [];
  const batches: LabelBatch[] = [];
  for (const [key, bytes] of changes) {
    if (bytes === null) continue;
    if (key.startsWith(LOTS)) {
      const lot = toLot(decodeCbor(bytes));
      (lotNumber(at, key.slice(LOTS.length)) === undefined ? made : moved).push(lot);
    } else if (key.startsWith(LABELS)) {
      batches.push(toLabelBatch(decodeCbor(bytes)));
    }
  }
  if (made.length + moved.length + batches.length === 0) return [];
  const index = editIndex(at);
  for (const lot of made) index.add(lot);
  for (const { gtin, lot, moves } of moved) index.present(lotName(gtin, lot), moves ?? []);
  for (const { gtin, lot, holder, moves } of batches) {
    index.present(lotName(gtin, lot), [{ holder }, ...(moves ?? [])]);
  }
  return index.writes();
}

interface Stay {
  readonly place?: string;
  readonly holder: string;
}

export interface IndexEditor {
  /** Numbers a new lot; its inputs are in the index. */
  add(lot: IndexedLot): void;
  /** Remembers that a lot, or packs of it, came to these places and holders. */
  present(name: string, stays: readonly Stay[]): void;
  writes(): TableWrite[];
}

export function editIndex(at: Snapshot): IndexEditor {
  const names = editPages(at, 'lot-names');
  const children = editPages(at, 'lot-children');
  const parents = editPages(at, 'lot-parents');
  const presence = editPresence(at);
  const fresh = new Map<string, number>();
  const chunks: TableWrite[] = [];
  const begin = lotCount(at) ?? 0;
  let count = begin;

  function numberOf(name: string): number {
    const number = fresh.get(name) ?? lotNumber(at, name);
    if (number === undefined) throw new Error(`trace index: lot ${name} is not in it`);
    return number;
  }

  function addChild(parent: number, child: number): void {
    const old = children.get(parent);
    if (old === undefined) throw new Error(`trace index: lot ${parent} has no entry`);
    if (old.length < CHILDREN_AT + 4 * INLINE_CHILDREN) {
      const bytes = new Uint8Array(Math.max(old.length, CHILDREN_AT) + 4);
      bytes.set(old);
      new DataView(bytes.buffer).setUint32(bytes.length - 4, child, true);
      children.set(parent, bytes);
      return;
    }
    const bytes = new Uint8Array(CHILDREN_AT + 4);
    bytes.set(old.subarray(0, CHILDREN_AT));
    const view = new DataView(bytes.buffer);
    const chunk = view.getUint32(8, true);
    view.setUint32(8, chunk + 1, true);
    view.setUint32(CHILDREN_AT, child, true);
    chunks.push({
      table: 'lot-children-more',
      key: childChunkKey(parent, chunk),
      value: old.slice(CHILDREN_AT),
    });
    children.set(parent, bytes);
  }

  return {
    add({ gtin, lot, made, place, maker, inputs, moves }) {
      if (count === LOTS_MAX) throw new Error('trace index: more lots than it can number');
      const name = lotName(gtin, lot);
      const number = count++;
      fresh.set(name, number);
      names.set(number, utf8ToBytes(name));
      const own = new Uint8Array(PARENTS_AT + 4 * inputs.length);
      const view = new DataView(own.buffer);
      view.setFloat64(0, made, true);
      children.set(number, own.slice(0, PARENTS_AT));
      inputs.forEach((input, i) => {
        const parent = numberOf(lotName(input.gtin, input.lot));
        view.setUint32(PARENTS_AT + 4 * i, parent, true);
        addChild(parent, number);
      });
      parents.set(number, own);
      for (const stay of [{ place, holder: maker }, ...(moves ?? [])]) presence.add(number, stay);
    },
    present(name, stays) {
      const number = numberOf(name);
      for (const stay of stays) presence.add(number, stay);
    },
    writes: () => [
      ...[...fresh].map(([name, number]) => ({
        table: 'lot-numbers' as const,
        key: utf8ToBytes(name),
        value: uintKey(number),
      })),
      ...names.writes(),
      ...children.writes(),
      ...chunks,
      ...parents.writes(),
      ...presence.writes(),
      ...(count === begin ? [] : [lotCountWrite(count)]),
    ],
  };
}

/** Which lots ever lay at a place or were with a holder: a bitmap of 64 lots an entry. */
function editPresence(at: Snapshot) {
  const masks = new Map<string, { key: Uint8Array; mask: Uint8Array; changed: boolean }>();
  const mark = (kind: Presence, name: string, lot: number): void => {
    const id = `${kind}/${name}/${pageOf(lot)}`;
    let entry = masks.get(id);
    if (entry === undefined) {
      const key = presenceKey(kind, name, pageOf(lot));
      const mask = at.get('lot-presence', key)?.slice() ?? new Uint8Array(MASK_BYTES);
      entry = { key, mask, changed: false };
      masks.set(id, entry);
    }
    const byte = (lot % PAGE_LOTS) >>> 3;
    const bit = 1 << (lot & 7);
    if ((entry.mask[byte]! & bit) !== 0) return;
    entry.mask[byte] = entry.mask[byte]! | bit;
    entry.changed = true;
  };
  return {
    add(lot: number, { place, holder }: Stay): void {
      if (place !== undefined) mark('place', place, lot);
      mark('holder', holder, lot);
    },
    writes: (): TableWrite[] =>
      [...masks.values()].flatMap(({ key, mask, changed }) =>
        changed ? [{ table: 'lot-presence' as const, key, value: mask }] : [],
      ),
  };
}

/** Numbers of the lots that ever lay at the place or were with the holder, packs of them included; ascending. */
export function* lotsPresent(at: Snapshot, kind: Presence, name: string): Generator<number> {
  const end = afterPrefix(namesKey(kind, name));
  let start = presenceKey(kind, name, 0);
  for (let more = true; more; ) {
    const keys = at.keys('lot-presence', start, end, PRESENCE_PAGES);
    for (const key of keys) {
      const mask = at.get('lot-presence', key);
      const first = readUint(key.subarray(key.length - 8)) * PAGE_LOTS;
      for (let i = 0; mask !== undefined && i < PAGE_LOTS; i++) {
        if ((mask[i >>> 3]! & (1 << (i & 7))) !== 0) yield first + i;
      }
    }
    more = keys.length === PRESENCE_PAGES;
    start = Uint8Array.of(...(keys.at(-1) ?? start), 0);
  }
}

function presenceKey(kind: Presence, name: string, page: number): Uint8Array {
  const prefix = namesKey(kind, name);
  const key = new Uint8Array(prefix.length + 8);
  key.set(prefix);
  key.set(uintKey(page), prefix.length);
  return key;
}

function readUint(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
  return view.getUint32(0) * 2 ** 32 + view.getUint32(4);
}
