// The shipments that lots travelled with: found through their events, read from the state, and held against the moves of the lots.

import {
  AppError,
  type Lot,
  lotKey,
  type Shipment,
  type StateReader,
  shipmentKey,
  toShipment,
} from '@suyuan/contracts';
import type { StoredEvent } from '../epcis/event-store.ts';
import type { LotEvents } from './lot-events.ts';

/** `urn:suyuan:{chain}:shipment:{from}:{id}` of an event: the key of the shipment. */
const SHIPMENT = /:shipment:([a-z0-9][a-z0-9.-]{1,62}):([^:]+)$/;

/** State keys of the shipments that these lots went out with, by the key of the lot. */
export async function shipmentsOf(
  events: LotEvents,
  state: StateReader,
  lots: readonly Lot[],
  height: number,
): Promise<ReadonlyMap<string, readonly Shipment[]>> {
  const found = new Map<string, Shipment[]>(lots.map((lot) => [lotKey(lot.gtin, lot.lot), []]));
  const seen = new Set<string>();
  for await (const event of events.of(lots, height, 'shipping')) {
    const key = shipmentOf(event);
    if (key === undefined || seen.has(key)) continue;
    seen.add(key);
    const value = state.get(key);
    if (value === undefined) continue;
    const shipment = toShipment(value);
    const named = new Set(shipment.items.map(({ gtin, lot }) => lotKey(gtin, lot)));
    for (const name of named) found.get(name)?.push(shipment);
  }
  for (const lot of lots) assertWhole(lot, found.get(lotKey(lot.gtin, lot.lot)) ?? []);
  return found;
}

function shipmentOf({ event }: StoredEvent): string | undefined {
  const { bizTransactionList } = JSON.parse(event) as {
    readonly bizTransactionList?: readonly { readonly bizTransaction?: unknown }[];
  };
  const [, from, id] = SHIPMENT.exec(String(bizTransactionList?.[0]?.bizTransaction ?? '')) ?? [];
  if (from === undefined || id === undefined) return undefined;
  return shipmentKey(from, decodeURIComponent(id));
}

/**
 * Every change of hands in the lot's record has its shipment: an export without one of them would hide it. Throws
 * `exports/behind` while the column store lacks some.
 */
function assertWhole(lot: Lot, shipments: readonly Shipment[]): void {
  let holder = lot.moves[0]?.holder;
  const bulk = shipments.filter(({ items }) =>
    items.some((item) => isBulk(item) && item.gtin === lot.gtin && item.lot === lot.lot),
  );
  const isKnown = (from_ms: number, to: string) =>
    bulk.some(({ status, endedAt, to: taker }) => {
      return status === 'received' && endedAt === from_ms && taker === to;
    });
  const first = lot.moves[0];
  const missing =
    (first !== undefined &&
      first.holder !== lot.maker &&
      !isRenumbered(lot) &&
      !isKnown(first.from, first.holder)) ||
    lot.moves.slice(1).some((move) => {
      const changed = move.holder !== holder;
      holder = move.holder;
      return changed && !isKnown(move.from, move.holder);
    }) ||
    (lot.transit !== undefined &&
      !bulk.some(({ from, id }) => shipmentKey(from, id) === lot.transit));
  if (!missing) return;
  throw new AppError(
    'exports/behind',
    'Not all events of the ledger are in the column store yet; try again in a moment.',
    { gtin: lot.gtin, lot: lot.lot },
  );
}

const isBulk = ({ batch }: { readonly batch?: string }): boolean => batch === undefined;

/** A split or merged lot keeps the maker of what it was made from; it may have lain with somebody else. */
const isRenumbered = ({ process }: Lot): boolean => process === 'split' || process === 'merge';
