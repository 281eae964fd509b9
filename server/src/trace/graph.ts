// The genealogy as a sweep reads it: whole pages of the index, of which the last is kept, since a sweep goes through the
// numbers in order.

import type { Snapshot, TableName } from '../storage/database.ts';
import { entryAt, type LotPage, PAGE_LOTS, pageOf } from '../storage/lot-pages.ts';
import {
  CHILDREN_AT,
  childChunkKey,
  INLINE_CHILDREN,
  lotCount,
  PARENTS_AT,
} from '../storage/trace-index.ts';
import type { PagedBits } from './paged-bits.ts';

export interface LotGraph {
  /** Lots of the moment that the graph was opened: numbers from here on do not exist for it. */
  readonly count: number;
  /** Adds the lots made from this one to `into` and returns what was made of it. */
  addChildren(lot: number, into: PagedBits): number;
  /** Adds the lots that this one was made from to `into` and returns what was made of it. */
  addParents(lot: number, into: PagedBits): number;
}

export function openGraph(at: Snapshot): LotGraph {
  const count = lotCount(at) ?? 0;
  const children = pageReader(at, 'lot-children');
  const parents = pageReader(at, 'lot-parents');

  function addChunk(lot: number, chunk: number, into: PagedBits): void {
    const bytes = at.get('lot-children-more', childChunkKey(lot, chunk));
    if (bytes === undefined) throw new Error(`trace: children of lot ${lot} are missing`);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let i = 0; i < INLINE_CHILDREN; i++) into.add(view.getUint32(4 * i, true));
  }

  return {
    count,
    addChildren(lot, into) {
      const page = children(lot);
      const index = lot % PAGE_LOTS;
      const begin = entryAt(page, index);
      const end = entryAt(page, index + 1);
      const { view } = page;
      if (end > begin + CHILDREN_AT) {
        const chunks = view.getUint32(begin + 8, true);
        for (let chunk = 0; chunk < chunks; chunk++) addChunk(lot, chunk, into);
        for (let p = begin + CHILDREN_AT; p < end; p += 4) into.add(view.getUint32(p, true));
      }
      return view.getFloat64(begin, true);
    },
    addParents(lot, into) {
      const page = parents(lot);
      const index = lot % PAGE_LOTS;
      const begin = entryAt(page, index);
      const end = entryAt(page, index + 1);
      const { view } = page;
      for (let p = begin + PARENTS_AT; p < end; p += 4) into.add(view.getUint32(p, true));
      return view.getFloat64(begin, true);
    },
  };
}

/** Roomy enough for most pages; it grows to the largest that was met. */
const PAGE_BYTES = 8192;

function pageReader(at: Snapshot, table: TableName): (lot: number) => LotPage {
  const key = Buffer.alloc(8);
  let room = new Uint8Array(PAGE_BYTES);
  let view = new DataView(room.buffer);
  let number = -1;
  let page: LotPage = { view, bytes: room, count: 0 };

  const keep = (bytes: Uint8Array): LotPage => {
    if (bytes.length > room.length) {
      room = new Uint8Array(2 * bytes.length);
      view = new DataView(room.buffer);
    }
    room.set(bytes);
    return { view, bytes: room, count: room[0]! };
  };

  return (lot) => {
    const wanted = pageOf(lot);
    if (wanted === number) return page;
    key.writeUInt32BE(wanted, 4);
    const read = at.peek(table, key, keep);
    if (read === undefined) throw new Error(`trace: page ${wanted} of ${table} is missing`);
    number = wanted;
    page = read;
    return read;
  };
}
