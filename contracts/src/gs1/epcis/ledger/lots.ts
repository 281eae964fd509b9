// Lots in EPCIS: what enters the ledger is commissioned, what becomes something else is transformed, what is lost is
// destroyed (CBV 2.0 §7.1, business steps).

import { placeLink } from '../ids.ts';
import type { JsonValue } from '../types.ts';
import {
  accountUrn,
  at,
  certified,
  type Draft,
  type LedgerTx,
  type Mapping,
  own,
  quantityOf,
  recorded,
} from './terms.ts';

interface Amount {
  readonly gtin: string;
  readonly lot: string;
  readonly amount: number;
}

interface Entry extends Amount {
  readonly place: string;
  readonly season?: string;
  readonly time?: number;
  readonly note?: string;
  readonly claimedAge_months?: number;
}

type StateOf = Parameters<Mapping<unknown>>[2];

/** A lot that the ledger did not know before. */
function entered(
  process: string,
  p: Entry,
  tx: LedgerTx,
  state: StateOf,
  more: Readonly<Record<string, JsonValue>> = {},
): Draft {
  return {
    time_ms: recorded(tx, p.time),
    goods: true,
    fields: {
      type: 'ObjectEvent',
      action: 'ADD',
      bizStep: 'commissioning',
      disposition: 'active',
      quantityList: [quantityOf(state, p, p.amount)],
      ...at(p.place),
      ilmd: {
        'cbvmda:lotNumber': p.lot,
        ...own({
          process,
          season: p.season,
          note: p.note,
          claimedAge_months: p.claimedAge_months,
        }),
      },
      ...more,
    },
  };
}

const harvest: Mapping<Entry> = (p, tx, state) => [entered('harvest', p, tx, state)];

const purchase: Mapping<Entry & { readonly grower: string; readonly plot: string }> = (
  p,
  tx,
  state,
) => [
  entered('purchase', p, tx, state, {
    sourceList: [
      { type: 'owning_party', source: accountUrn(tx, p.grower) },
      { type: 'location', source: placeLink(p.plot) },
    ],
    destinationList: [
      { type: 'owning_party', destination: accountUrn(tx, tx.signer) },
      { type: 'location', destination: placeLink(p.place) },
    ],
  }),
];

const openBalance: Mapping<Entry & { readonly document: Uint8Array }> = (p, tx, state) => [
  entered('opening-balance', p, tx, state, certified([p.document])),
];

interface Becoming {
  readonly process: string;
  readonly inputs: readonly Amount[];
  readonly outputs: readonly Amount[];
  readonly place?: string;
  readonly time?: number;
}

function become(p: Becoming, bizStep: string, tx: LedgerTx, state: StateOf): Draft {
  const amounts = (entries: readonly Amount[]) =>
    entries.map((entry) => quantityOf(state, entry, entry.amount));
  return {
    time_ms: recorded(tx, p.time),
    goods: true,
    fields: {
      type: 'TransformationEvent',
      inputQuantityList: amounts(p.inputs),
      outputQuantityList: amounts(p.outputs),
      bizStep,
      disposition: 'in_progress',
      ...(p.place === undefined ? {} : at(p.place)),
      ...own({ process: p.process }),
    },
  };
}

const transform: Mapping<Becoming> = (p, tx, state) => [
  become(p, 'creating_class_instance', tx, state),
];

interface Split {
  readonly gtin: string;
  readonly lot: string;
  readonly outputs: readonly { readonly lot: string; readonly amount: number }[];
  readonly time?: number;
}

const split: Mapping<Split> = ({ gtin, lot, outputs, ...p }, tx, state) => {
  const amount = outputs.reduce((sum, part) => sum + part.amount, 0);
  const parts = outputs.map((part) => ({ gtin, lot: part.lot, amount: part.amount }));
  const becoming = { ...p, process: 'split', inputs: [{ gtin, lot, amount }], outputs: parts };
  return [become(becoming, 'repackaging', tx, state)];
};

interface Merge {
  readonly gtin: string;
  readonly inputs: readonly { readonly lot: string; readonly amount: number }[];
  readonly lot: string;
  readonly time?: number;
}

const merge: Mapping<Merge> = ({ gtin, inputs, lot, ...p }, tx, state) => {
  const amount = inputs.reduce((sum, input) => sum + input.amount, 0);
  const parts = inputs.map((input) => ({ gtin, lot: input.lot, amount: input.amount }));
  const becoming = { ...p, process: 'merge', inputs: parts, outputs: [{ gtin, lot, amount }] };
  return [become(becoming, 'repackaging', tx, state)];
};

// Where a lot lies can be recorded later for an earlier time, so an event that its payload gives no place has none.

const reWeigh: Mapping<Amount & { readonly time?: number; readonly document?: Uint8Array }> = (
  p,
  tx,
  state,
) => [
  {
    time_ms: recorded(tx, p.time),
    goods: true,
    fields: {
      type: 'ObjectEvent',
      action: 'OBSERVE',
      bizStep: 'stock_taking',
      quantityList: [quantityOf(state, p, p.amount)],
      ...certified([p.document]),
    },
  },
];

const destroy: Mapping<Amount & { readonly reason: string; readonly document?: Uint8Array }> = (
  p,
  _tx,
  state,
) => [
  {
    goods: true,
    fields: {
      type: 'ObjectEvent',
      action: 'DELETE',
      bizStep: 'destroying',
      disposition: 'destroyed',
      quantityList: [quantityOf(state, p, p.amount)],
      ...certified([p.document]),
      ...own({ reason: p.reason }),
    },
  },
];

export const LOT_MAPPINGS = {
  'lots.harvest': harvest,
  'lots.purchase': purchase,
  'lots.open-balance': openBalance,
  'lots.transform': transform,
  'lots.split': split,
  'lots.merge': merge,
  'lots.re-weigh': reWeigh,
  'lots.destroy': destroy,
} as const;
