// A lot of the ledger as the records of the paper room want it.

import {
  bytesToHex,
  getAccount,
  getDocument,
  getDocumentList,
  getPlace,
  getProduct,
  type Lot,
  lotKey,
  type Shipment,
  type StateReader,
} from '@suyuan/contracts';
import type {
  CustodyMove,
  Operator,
  RecordDocument,
  RecordPlace,
  TraceRecord,
} from '@suyuan/paper';

/** What the state does not show stands as its number. */
export function traceRecordOf(
  state: StateReader,
  lot: Lot,
  shipments: readonly Shipment[],
): TraceRecord {
  const product = getProduct(state, lot.gtin);
  return {
    gtin: lot.gtin,
    lot: lot.lot,
    product: product?.name ?? { zh: lot.gtin, en: lot.gtin },
    amount: lot.made,
    unit: product?.unit ?? 'g',
    process: lot.process,
    place: placeOf(state, lot.place),
    holder: operatorOf(state, lot.maker),
    time_ms: lot.since,
    inputs: lot.inputs.map(({ gtin, lot: number, amount }) => ({
      gtin,
      lot: number,
      amount,
      unit: getProduct(state, gtin)?.unit ?? 'g',
    })),
    moves: shipments.flatMap((shipment) => movesOf(state, lot, shipment)),
    documents: getDocumentList(state, lotKey(lot.gtin, lot.lot)).map((hash) =>
      documentOf(state, hash),
    ),
    tx: bytesToHex(lot.tx),
  };
}

/** One for the bulk of the lot and for each label batch of it in the shipment. What was refused or cancelled was never received. */
function movesOf(state: StateReader, lot: Lot, shipment: Shipment): CustodyMove[] {
  const { from, to, fromPlace, toPlace, via, shippedAt, endedAt, status } = shipment;
  const carrier = via === undefined ? undefined : getPlace(state, via)?.holder;
  return shipment.items
    .filter((item) => item.gtin === lot.gtin && item.lot === lot.lot)
    .map((item) => ({
      from: operatorOf(state, from),
      to: operatorOf(state, to),
      fromPlace: placeOf(state, fromPlace),
      toPlace: placeOf(state, toPlace),
      carrier: carrier === undefined || carrier === from ? null : operatorOf(state, carrier),
      amount: item.amount,
      unit: item.batch === undefined ? (getProduct(state, lot.gtin)?.unit ?? 'g') : 'count',
      shippedAt_ms: shippedAt,
      receivedAt_ms: status === 'received' ? (endedAt ?? null) : null,
      received: status === 'received' ? (item.received ?? null) : null,
      documents: shipment.documents.map((hash) => documentOf(state, hash)),
    }));
}

function operatorOf(state: StateReader, id: string): Operator {
  const account = getAccount(state, id);
  return { id, name: account?.name ?? { zh: id, en: id }, uscc: account?.uscc ?? null };
}

function placeOf(state: StateReader, gln: string): RecordPlace {
  const place = getPlace(state, gln);
  if (place === undefined) {
    const name = { zh: gln, en: gln };
    return { gln, kind: 'plant', name, township: name };
  }
  const { kind, name, township } = place;
  return { gln, kind, name, township };
}

function documentOf(state: StateReader, hash: Uint8Array): RecordDocument {
  const document = getDocument(state, hash);
  const hex = bytesToHex(hash);
  return { hash: hex, kind: document?.kind ?? 'other', title: document?.title ?? hex.slice(0, 16) };
}
