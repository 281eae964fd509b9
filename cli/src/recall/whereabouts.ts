// Where the goods of a scope are: in stock, on the road, or at a shop and perhaps sold. Bulk is read from the proven lots, packs
// from the records of their label batches.

import {
  decodeCbor,
  hexToBytes,
  type LabelBatch,
  labelKey,
  labelListKey,
  toLabelBatch,
} from '@suyuan/contracts';
import { requestJson } from '../http.ts';
import type { Sums } from '../trace/amounts.ts';
import type { NameBook } from '../trace/names.ts';
import type { ScopedLot } from './collect.ts';

export interface Whereabouts {
  readonly stock: Sums;
  readonly road: Sums;
  /** A shop's packs: the ledger does not hear of each that is sold. */
  readonly shop: Sums;
}

export interface HolderWhereabouts extends Whereabouts {
  readonly lots: number;
}

const NONE: Sums = { g: 0, count: 0 };
const NOWHERE: Whereabouts = { stock: NONE, road: NONE, shop: NONE };
const KEYS_AT_ONCE = 64;
/** Of a larger scope only bulk is told apart: its packs would take minutes of requests. */
export const BATCHES_MAX = 5000;

export interface ScopeWhereabouts {
  readonly byHolder: ReadonlyMap<string, HolderWhereabouts>;
  readonly total: Whereabouts;
  /** Packs are left out: there are more than BATCHES_MAX label batches. */
  readonly bulkOnly: boolean;
}

/** Reads state entries of a node, a value or undefined for each key. */
export type ReadEntries = (keys: readonly string[]) => Promise<ReadonlyMap<string, Uint8Array>>;

export function entryReader(server: URL): ReadEntries {
  return async (keys) => {
    const found = new Map<string, Uint8Array>();
    for (let at = 0; at < keys.length; at += KEYS_AT_ONCE) {
      const url = new URL('/api/v1/proofs/state', server);
      for (const key of keys.slice(at, at + KEYS_AT_ONCE)) url.searchParams.append('key', key);
      const { entries } = await requestJson(url);
      for (const { key, value } of entries as { key: string; value: string | null }[])
        if (value !== null) found.set(key, hexToBytes(value));
    }
    return found;
  };
}

export async function whereaboutsOf(
  lots: Iterable<ScopedLot>,
  names: NameBook,
  readEntries: ReadEntries,
): Promise<ScopeWhereabouts> {
  const byHolder = new Map<string, HolderWhereabouts>();
  let total = NOWHERE;
  const packed: ScopedLot[] = [];

  async function put(holder: string, where: keyof Whereabouts, gtin: string, amount: number) {
    const { unit } = await names.product(gtin);
    const add = <T extends Whereabouts>(to: T): T => ({
      ...to,
      [where]: { ...to[where], [unit]: to[where][unit] + amount },
    });
    total = add(total);
    byHolder.set(holder, add(byHolder.get(holder) ?? { ...NOWHERE, lots: 0 }));
  }
  function count(holder: string): void {
    const before = byHolder.get(holder) ?? { ...NOWHERE, lots: 0 };
    byHolder.set(holder, { ...before, lots: before.lots + 1 });
  }

  for (const lot of lots) {
    await put(lot.holder, lot.transit === undefined ? 'stock' : 'road', lot.gtin, lot.left);
    if (lot.labelled > 0) packed.push(lot);
    else count(lot.holder);
  }
  const bulkOnly = packed.reduce((sum, { batches }) => sum + batches, 0) > BATCHES_MAX;
  const batches = bulkOnly ? new Map() : await labelBatchesOf(packed, readEntries);
  for (const lot of packed) {
    const own: readonly LabelBatch[] = batches.get(lot) ?? [];
    for (const holder of new Set([lot.holder, ...own.map((batch) => batch.holder)])) count(holder);
    for (const batch of own) {
      const shops = (await names.roles(batch.holder)).includes('shop');
      const where = batch.transit !== undefined ? 'road' : shops ? 'shop' : 'stock';
      await put(batch.holder, where, lot.gtin, packsAtHand(batch) * batch.net);
    }
  }
  return { byHolder, total, bulkOnly };
}

/** As a recall counts them (docs/formats.md §5): neither void nor missing, on packs or still waiting for one. */
function packsAtHand({ count, activated, closed, voided, missing }: LabelBatch): number {
  return (closed ? activated : count) - voided - missing;
}

async function labelBatchesOf(
  lots: readonly ScopedLot[],
  readEntries: ReadEntries,
): Promise<ReadonlyMap<ScopedLot, readonly LabelBatch[]>> {
  const listed = lots.flatMap(({ gtin, lot, batches }) =>
    Array.from({ length: batches }, (_, n) => labelListKey(gtin, lot, n)),
  );
  const names = await readEntries(listed);
  const keysOf = ({ gtin, lot, batches }: ScopedLot): string[] =>
    Array.from({ length: batches }, (_, n) => names.get(labelListKey(gtin, lot, n))).flatMap(
      (name) => (name === undefined ? [] : [labelKey(gtin, lot, String(decodeCbor(name)))]),
    );
  const records = await readEntries(lots.flatMap(keysOf));
  return new Map(
    lots.map((lot) => [
      lot,
      keysOf(lot).flatMap((key) => {
        const value = records.get(key);
        return value === undefined ? [] : [toLabelBatch(decodeCbor(value))];
      }),
    ]),
  );
}
