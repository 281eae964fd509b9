// Custody in EPCIS: goods leave, arrive, turn back or change their shelf (CBV 2.0 §7.1, §7.4: sources and destinations).

import { getShipment, type Shipment } from '../../../rules/custody/shipment.ts';
import { placeLink } from '../ids.ts';
import type { JsonValue } from '../types.ts';
import {
  accountUrn,
  at,
  certified,
  classOf,
  type Draft,
  type GoodsRef,
  type LedgerTx,
  type Mapping,
  own,
  quantityOf,
  recorded,
  shipmentUrn,
} from './terms.ts';

type StateOf = Parameters<Mapping<unknown>>[2];

/** From whom and where to whom and where, and under which paper. */
function journey(tx: LedgerTx, shipment: Shipment): Readonly<Record<string, JsonValue>> {
  const { from, to, fromPlace, toPlace, kind, id } = shipment;
  return {
    bizTransactionList: [
      {
        type: kind === 'return' ? 'rma' : 'desadv',
        bizTransaction: shipmentUrn(tx, from, id),
      },
    ],
    sourceList: [
      { type: 'possessing_party', source: accountUrn(tx, from) },
      { type: 'location', source: placeLink(fromPlace) },
    ],
    destinationList: [
      { type: 'possessing_party', destination: accountUrn(tx, to) },
      { type: 'location', destination: placeLink(toPlace) },
    ],
    ...certified(shipment.documents),
  };
}

/** Label batches among the goods: EPCIS names their class, the ledger the batch. */
function labelled(items: readonly GoodsRef[]): JsonValue | undefined {
  const batches = items.flatMap(({ gtin, lot, batch }) =>
    batch === undefined ? [] : [{ 'suyuan:gtin': gtin, 'suyuan:lot': lot, 'suyuan:batch': batch }],
  );
  return batches.length === 0 ? undefined : batches;
}

function leaving(tx: LedgerTx, state: StateOf, id: string, reason?: string): readonly Draft[] {
  const shipment = getShipment(state, tx.signer, id);
  if (shipment === undefined) return [];
  return [
    {
      time_ms: shipment.shippedAt,
      goods: true,
      fields: {
        type: 'ObjectEvent',
        action: 'OBSERVE',
        bizStep: 'shipping',
        disposition: shipment.kind === 'return' ? 'returned' : 'in_transit',
        quantityList: shipment.items.map((item) => quantityOf(state, item, item.amount)),
        readPoint: { id: placeLink(shipment.fromPlace) },
        ...(shipment.via === undefined ? {} : { bizLocation: { id: placeLink(shipment.via) } }),
        ...journey(tx, shipment),
        ...own({ labels: labelled(shipment.items), reason }),
      },
    },
  ];
}

const ship: Mapping<{ readonly shipment: string }> = (p, tx, state) =>
  leaving(tx, state, p.shipment);

const returned: Mapping<{ readonly shipment: string; readonly reason: string }> = (p, tx, state) =>
  leaving(tx, state, p.shipment, p.reason);

interface Arrival {
  readonly from: string;
  readonly shipment: string;
  readonly items: readonly (GoodsRef & { readonly amount: number; readonly reason?: string })[];
  readonly time?: number;
}

const receive: Mapping<Arrival> = (p, tx, state) => {
  const shipment = getShipment(state, p.from, p.shipment);
  if (shipment === undefined) return [];
  const differences = p.items.flatMap((item) => {
    const sent = shipment.items.find(
      ({ gtin, lot, batch }) => gtin === item.gtin && lot === item.lot && batch === item.batch,
    );
    if (sent === undefined || sent.amount === item.amount) return [];
    const { gtin, lot, batch, reason, amount: received } = item;
    return [own({ gtin, lot, batch, sent: sent.amount, received, reason })];
  });
  return [
    {
      time_ms: recorded(tx, p.time),
      goods: true,
      fields: {
        type: 'ObjectEvent',
        action: 'OBSERVE',
        bizStep: 'receiving',
        disposition: differences.length > 0 ? 'mismatch_quantity' : 'in_progress',
        quantityList: p.items.map((item) => quantityOf(state, item, item.amount)),
        ...at(shipment.toPlace),
        ...journey(tx, shipment),
        ...own({
          labels: labelled(p.items),
          differences: differences.length > 0 ? differences : undefined,
        }),
      },
    },
  ];
};

function turnedBack(
  tx: LedgerTx,
  state: StateOf,
  shipment: Shipment | undefined,
  reason: string,
): readonly Draft[] {
  if (shipment === undefined) return [];
  return [
    {
      goods: true,
      fields: {
        type: 'ObjectEvent',
        action: 'OBSERVE',
        bizStep: 'void_shipping',
        disposition: tx.action === 'refuse' ? 'returned' : 'in_progress',
        quantityList: shipment.items.map((item) => quantityOf(state, item, item.amount)),
        bizLocation: { id: placeLink(shipment.fromPlace) },
        ...journey(tx, shipment),
        ...own({ labels: labelled(shipment.items), reason }),
      },
    },
  ];
}

const refuse: Mapping<{
  readonly from: string;
  readonly shipment: string;
  readonly reason: string;
}> = (p, tx, state) => turnedBack(tx, state, getShipment(state, p.from, p.shipment), p.reason);

const cancel: Mapping<{ readonly shipment: string; readonly reason: string }> = (p, tx, state) =>
  turnedBack(tx, state, getShipment(state, tx.signer, p.shipment), p.reason);

const move: Mapping<GoodsRef & { readonly place: string; readonly time?: number }> = (p, tx) => [
  {
    time_ms: recorded(tx, p.time),
    goods: true,
    fields: {
      type: 'ObjectEvent',
      action: 'OBSERVE',
      bizStep: 'storing',
      // All that is left of it moves; how much that was, only the record of that moment says.
      quantityList: [classOf(p)],
      ...at(p.place),
      ...own({ labels: labelled([p]) }),
    },
  },
];

export const CUSTODY_MAPPINGS = {
  'custody.ship': ship,
  'custody.receive': receive,
  'custody.refuse': refuse,
  'custody.cancel': cancel,
  'custody.move': move,
  'lots.return': returned,
} as const;
