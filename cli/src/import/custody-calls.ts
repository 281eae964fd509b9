// Rows of goods sent and received → custody.ship and custody.receive.

import { given, type RowCall } from './row-call.ts';
import type { RowReader } from './row-reader.ts';
import { CUSTODY_ACTIONS } from './words.ts';

interface Leg {
  readonly key: string;
  readonly action: 'ship' | 'receive';
  readonly head: Readonly<Record<string, unknown>>;
  readonly item: Readonly<Record<string, unknown>>;
  readonly documents: readonly string[];
  readonly measure: RowCall['measures'];
  readonly reader: RowReader;
}

/** Rows of one shipment that follow each other are one action: goods travel together. */
export function custodyCalls(readers: readonly RowReader[]): RowCall[] {
  const calls: RowCall[] = [];
  let group: Leg[] = [];
  const close = (): void => {
    const call = group.length === 0 ? undefined : shipmentCall(group);
    if (call !== undefined) calls.push(call);
    group = [];
  };
  for (const reader of readers) {
    const leg = legOf(reader);
    if (leg === undefined || leg.key !== group[0]?.key) close();
    if (leg !== undefined) group.push(leg);
  }
  close();
  return calls;
}

function legOf(reader: RowReader): Leg | undefined {
  const action = reader.word('action', CUSTODY_ACTIONS);
  if (action === undefined) {
    if (!reader.failed) reader.needed('action');
    return undefined;
  }
  const shipment = reader.needed('shipment');
  const amount = reader.amount('amount', 'unit');
  const gtin = reader.gtin('gtin');
  const batch = reader.text('batch');
  const item = { gtin, lot: reader.needed('lot'), batch, amount: amount?.amount };
  const time = reader.time('time');
  const head =
    action === 'ship'
      ? {
          shipment,
          to: reader.text('to'),
          place: reader.text('place'),
          via: reader.text('via'),
          time,
        }
      : { shipment, from: reader.text('from'), time };
  const reason = action === 'receive' ? { reason: reader.text('reason') } : {};
  return {
    key: `${action}\n${shipment}\n${action === 'receive' ? (reader.text('from') ?? '') : ''}`,
    action,
    head: given(head),
    item: given({ ...item, ...reason }),
    documents: action === 'ship' ? reader.texts('documents').map((text) => text.toLowerCase()) : [],
    measure: amount === undefined ? [] : [{ gtin, measure: amount.measure }],
    reader,
  };
}

const HEAD_NEEDS = { ship: ['to', 'place'], receive: ['from'] } as const;

function shipmentCall(legs: readonly Leg[]): RowCall | undefined {
  const [first] = legs;
  if (first === undefined) return undefined;
  const head: Record<string, unknown> = {};
  for (const { head: own, reader } of legs) {
    for (const [key, value] of Object.entries(own)) {
      if (head[key] === undefined) head[key] = value;
      else if (head[key] !== value) {
        reader.fail(
          'import/other-shipment',
          'Another row of this shipment says something else here: one shipment has one way.',
          key,
        );
      }
    }
  }
  for (const key of HEAD_NEEDS[first.action]) {
    if (head[key] === undefined) first.reader.needed(key);
  }
  if (legs.some(({ reader }) => reader.failed)) return undefined;
  const documents = [...new Set(legs.flatMap((leg) => leg.documents))];
  return {
    rows: legs.map(({ reader }) => reader.row),
    module: 'custody',
    action: first.action,
    payload: {
      ...head,
      items: legs.map(({ item }) => item),
      ...(documents.length === 0 ? {} : { documents }),
    },
    measures: legs.flatMap(({ measure }) => measure),
  };
}
