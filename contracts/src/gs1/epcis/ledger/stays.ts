// Where goods lay until an action took them from there: the time in which sensors of that place speak of them (docs/formats.md
// §8, *Stays*).

import { getShipment, type Shipment } from '../../../rules/custody/shipment.ts';
import { getLabelBatch } from '../../../rules/labels/label.ts';
import { getLot } from '../../../rules/lots/lot.ts';
import type { StateReader } from '../../../rules/types.ts';
import { type GoodsRef, type LedgerTx, recorded } from './terms.ts';

/** Goods lay at the place of this GLN from `from_ms` until before `to_ms`. */
export interface EndedStay {
  readonly place: string;
  readonly from_ms: number;
  readonly to_ms: number;
}

interface Payload {
  readonly gtin: string;
  readonly lot: string;
  readonly batch?: string;
  readonly from: string;
  readonly shipment: string;
  readonly time?: number;
  /** Those of a merge leave their common product out. */
  readonly inputs: readonly { readonly gtin?: string; readonly lot: string }[];
}

type Ended = (p: Payload, tx: LedgerTx, state: StateReader) => readonly (EndedStay | undefined)[];

/** The last place where they came to before this time. */
function lastStay(state: StateReader, goods: GoodsRef, to_ms: number): EndedStay | undefined {
  const lot = getLot(state, goods.gtin, goods.lot);
  if (lot === undefined) return undefined;
  const batch =
    goods.batch === undefined
      ? undefined
      : getLabelBatch(state, goods.gtin, goods.lot, goods.batch);
  const ofLot = lot.moves.filter(({ from }) => batch === undefined || from <= batch.issuedAt);
  const legs = [{ place: lot.place, from: lot.since }, ...ofLot, ...(batch?.moves ?? [])];
  const last = legs.filter(({ from }) => from < to_ms).at(-1);
  return last === undefined ? undefined : { place: last.place, from_ms: last.from, to_ms };
}

const ofGoods: Ended = (p, tx, state) => [lastStay(state, p, recorded(tx, p.time))];

const ofInputs: Ended = (p, tx, state) =>
  p.inputs.map((input) =>
    lastStay(state, { gtin: input.gtin ?? p.gtin, lot: input.lot }, recorded(tx, p.time)),
  );

const departure: Ended = (p, tx, state) => {
  const shipment = getShipment(state, tx.signer, p.shipment);
  return (shipment?.items ?? []).map((item) =>
    lastStay(state, item, shipment?.shippedAt ?? tx.time_ms),
  );
};

/** On a vehicle that the ledger does not know nothing was measured. */
function onTheRoad(shipment: Shipment | undefined, to_ms: number): readonly EndedStay[] {
  if (shipment?.via === undefined) return [];
  return [{ place: shipment.via, from_ms: shipment.shippedAt, to_ms }];
}

const arrival: Ended = (p, tx, state) =>
  onTheRoad(getShipment(state, p.from, p.shipment), recorded(tx, p.time));

const ENDED: ReadonlyMap<string, Ended> = new Map(
  Object.entries({
    'lots.transform': ofInputs,
    'lots.split': ofGoods,
    'lots.merge': ofInputs,
    'lots.re-weigh': ofGoods,
    'lots.destroy': ofGoods,
    'lots.return': departure,
    'custody.ship': departure,
    'custody.receive': arrival,
    'custody.refuse': arrival,
    'custody.cancel': (p, tx, state) =>
      onTheRoad(getShipment(state, tx.signer, p.shipment), tx.time_ms),
    'custody.move': ofGoods,
    'labels.issue': (p, tx, state) => [
      lastStay(state, { gtin: p.gtin, lot: p.lot }, recorded(tx, p.time)),
    ],
  } satisfies Record<string, Ended>),
);

/**
 * The stays that an accepted call brought to their end, each once, in the order of its goods; none for calls after which
 * everything lies where it lay. `state` is that after the block or a later one.
 */
export function endedStays(call: LedgerTx, state: StateReader): readonly EndedStay[] {
  const ended = ENDED.get(`${call.module}.${call.action}`);
  const stays = ended?.(call.payload as unknown as Payload, call, state) ?? [];
  const known = new Map<string, EndedStay>();
  for (const stay of stays) {
    if (stay === undefined || stay.from_ms >= stay.to_ms) continue;
    known.set(`${stay.place}/${stay.from_ms}/${stay.to_ms}`, stay);
  }
  return [...known.values()];
}
