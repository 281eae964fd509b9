// The genealogy of lots. Lots are numbered in the order of their making, so a lot's inputs have smaller numbers than the lot:
// there are no cycles, and what is asked of a trace never depends on lots made later.

import {
  bytesToUtf8,
  type CborValue,
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
export function traceWrites(
  at: Snapshot,
  changes: ReadonlyMap<string, CborValue | null>,
): TableWrite[] {
  const made: IndexedLot[] = [];
  const moved: Lot[] = [];
  const batches: LabelBatch[] = [];
  for (const [key, value] of changes) {
    if (value === null) continue;
    if (key.startsWith(LOTS)) {
      const lot = toLot(value);
      (lotNumber(at, key.slice(LOTS.length)) === undefined ? made : moved).push(lot);
    } else if (key.startsWith(LABELS)) {
      batches.push(toLabelBatch(value));
    }
  }
  if (made.length + moved.length + batches.length === 0) return [];
  const index = editIndex(at);
  for (const lot of made) index.add(lot);
  for (const { gtin, lot, moves } of moved) index.present(lotName(gtin, lot), moves);
  for (const { gtin, lot, holder, moves } of batches) {
    index.present(lotName(gtin, lot), [{ holder }, ...moves]);
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
  const known = new Map<string, number>();
  const numbers: TableWrite[] = [];
  const born = new Map<number, number[]>();
  const begin = lotCount(at) ?? 0;
  let count = begin;

  function numberOf(name: string): number {
    const found = known.get(name);
    if (found !== undefined) return found;
    const number = lotNumber(at, name);
    if (number === undefined) throw new Error(`trace index: lot ${name} is not in it`);
    known.set(name, number);
    return number;
  }

  return {
    add({ gtin, lot, made, place, maker, inputs, moves }) {
      if (count === LOTS_MAX) throw new Error('trace index: more lots than it can number');
      const name = lotName(gtin, lot);
      const bytes = utf8ToBytes(name);
      const number = count++;
      const own = new Uint8Array(PARENTS_AT + 4 * inputs.length);
      const view = new DataView(own.buffer);
      view.setFloat64(0, made, true);
      inputs.forEach((input, i) => {
        const parent = numberOf(lotName(input.gtin, input.lot));
        view.setUint32(PARENTS_AT + 4 * i, parent, true);
        const list = born.get(parent);
        if (list === undefined) born.set(parent, [number]);
        else list.push(number);
      });
      known.set(name, number);
      numbers.push({ table: 'lot-numbers', key: bytes, value: uintKey(number) });
      names.set(number, bytes);
      parents.set(number, own);
      children.set(number, inputs.length === 0 ? own : own.subarray(0, PARENTS_AT));
      presence.add(number, { place, holder: maker });
      for (const stay of moves) presence.add(number, stay);
    },
    present(name, stays) {
      const number = numberOf(name);
      for (const stay of stays) presence.add(number, stay);
    },
    writes() {
      const chunks: TableWrite[] = [];
      for (const [parent, list] of born) {
        const old = children.get(parent);
        if (old === undefined) throw new Error(`trace index: lot ${parent} has no entry`);
        children.set(parent, withChildren(parent, old, list, chunks));
      }
      born.clear();
      return [
        ...numbers,
        ...names.writes(),
        ...children.writes(),
        ...chunks,
        ...parents.writes(),
        ...presence.writes(),
        ...(count === begin ? [] : [lotCountWrite(count)]),
      ];
    },
  };
}

/** The entry of a lot with further children; whole chunks of them leave it for entries of their own. */
function withChildren(
  lot: number,
  old: Uint8Array,
  added: readonly number[],
  chunks: TableWrite[],
): Uint8Array {
  const before = new DataView(old.buffer, old.byteOffset, old.byteLength);
  const list: number[] = [];
  for (let p = CHILDREN_AT; p < old.length; p += 4) list.push(before.getUint32(p, true));
  list.push(...added);
  let chunk = old.length > CHILDREN_AT ? before.getUint32(8, true) : 0;
  let from = 0;
  // One stays behind: an entry with chunks elsewhere is told from one without children by its length.
  for (; list.length - from > INLINE_CHILDREN; from += INLINE_CHILDREN, chunk++) {
    const value = new Uint8Array(4 * INLINE_CHILDREN);
    putUints(value, 0, list, from, INLINE_CHILDREN);
    chunks.push({ table: 'lot-children-more', key: childChunkKey(lot, chunk), value });
  }
  const entry = new Uint8Array(CHILDREN_AT + 4 * (list.length - from));
  entry.set(old.subarray(0, PARENTS_AT));
  new DataView(entry.buffer).setUint32(8, chunk, true);
  putUints(entry, CHILDREN_AT, list, from, list.length - from);
  return entry;
}

function putUints(
  into: Uint8Array,
  at: number,
  list: readonly number[],
  from: number,
  count: number,
): void {
  const view = new DataView(into.buffer);
  for (let i = 0; i < count; i++) view.setUint32(at + 4 * i, list[from + i]!, true);
}

interface PresenceMask {
  readonly key: Uint8Array;
  readonly mask: Uint8Array;
  changed: boolean;
}

/** Which lots ever lay at a place or were with a holder: a bitmap of 64 lots an entry. */
function editPresence(at: Snapshot) {
  const masks = new Map<string, Map<number, PresenceMask>>();
  const maskOf = (kind: Presence, name: string, page: number): PresenceMask => {
    const id = `${kind}/${name}`;
    const pages = masks.get(id) ?? new Map<number, PresenceMask>();
    const found = pages.get(page);
    if (found !== undefined) return found;
    const key = presenceKey(kind, name, page);
    const mask = at.get('lot-presence', key)?.slice() ?? new Uint8Array(MASK_BYTES);
    const entry = { key, mask, changed: false };
    masks.set(id, pages.set(page, entry));
    return entry;
  };
  const mark = (kind: Presence, name: string, lot: number): void => {
    const entry = maskOf(kind, name, pageOf(lot));
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
      [...masks.values()].flatMap((pages) =>
        [...pages.values()].flatMap(({ key, mask, changed }) =>
          changed ? [{ table: 'lot-presence' as const, key, value: mask }] : [],
        ),
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
