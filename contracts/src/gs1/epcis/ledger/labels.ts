// Labels and recalls in EPCIS: printing is encoding, putting on packs is packing, taking a unit out is decommissioning; a recall
// is a disposition that stays until it is lifted (CBV 2.0 §7.1, §7.2).

import { bytesToHex } from '../../../encoding/bytes.ts';
import type { CborObject } from '../../../encoding/types.ts';
import { getRecall } from '../../../rules/recalls/recall.ts';
import { goodsLink } from '../ids.ts';
import type { JsonValue } from '../types.ts';
import { classOf, type Draft, type LedgerTx, type Mapping, own, quantityOf } from './terms.ts';

interface BatchRef {
  readonly gtin: string;
  readonly lot: string;
  readonly batch: string;
}

type StateOf = Parameters<Mapping<unknown>>[2];

/** What the rule said of this very call: of a batch of calls the receipt holds the events of all. */
function said(tx: LedgerTx, type: string, facts: object): CborObject | undefined {
  return tx.events.find(
    (event) =>
      event.type === type &&
      Object.entries(facts).every(([name, value]) => event.data[name] === value),
  )?.data;
}

const numberOf = (data: CborObject | undefined, name: string): number => {
  const value = data?.[name];
  return typeof value === 'number' ? value : 0;
};

function units(
  state: StateOf,
  p: BatchRef,
  count: number,
  fields: Readonly<Record<string, JsonValue>>,
  more: Readonly<Record<string, JsonValue | undefined>> = {},
): Draft {
  return {
    goods: true,
    fields: {
      type: 'ObjectEvent',
      ...fields,
      quantityList: [quantityOf(state, p, count)],
      ...own({ batch: p.batch, ...more }),
    },
  };
}

const issue: Mapping<
  BatchRef & { readonly root: Uint8Array; readonly count: number; readonly net: number }
> = (p, _tx, state) => [
  units(
    state,
    p,
    p.count,
    { action: 'ADD', bizStep: 'encoding', disposition: 'encoded' },
    { net: p.net, root: bytesToHex(p.root) },
  ),
];

const activate: Mapping<BatchRef & { readonly upTo: number }> = (p, tx, state) => {
  const { gtin, lot, batch, upTo } = p;
  const from = numberOf(said(tx, 'labels.activated', { gtin, lot, batch, upTo }), 'from');
  const fields = { action: 'OBSERVE', bizStep: 'packing', disposition: 'active' };
  return [units(state, p, upTo - from, fields, { firstUnit: from, upTo })];
};

const OUT = { action: 'DELETE', bizStep: 'decommissioning', disposition: 'inactive' };

const voidUnit: Mapping<BatchRef & { readonly index: number; readonly reason: string }> = (
  p,
  _tx,
  state,
) => [units(state, p, 1, OUT, { unit: p.index, reason: p.reason })];

const close: Mapping<BatchRef> = (p, tx, state) => {
  const { gtin, lot, batch } = p;
  const given = numberOf(said(tx, 'labels.closed', { gtin, lot, batch }), 'void');
  return given === 0 ? [] : [units(state, p, given, OUT, { reason: 'labels given up' })];
};

const reveal: Mapping<BatchRef & { readonly serial: string; readonly index: number }> = (p) => [
  {
    goods: true,
    fields: {
      type: 'ObjectEvent',
      action: 'OBSERVE',
      bizStep: 'inspecting',
      epcList: [goodsLink(p.gtin, p.lot, p.serial)],
      ...own({ batch: p.batch, unit: p.index, process: 'hidden-code-revealed' }),
    },
  },
];

interface Opening {
  readonly recall: string;
  readonly level: number;
  readonly mock: boolean;
  readonly reason: string;
  readonly seeds: readonly { readonly gtin: string; readonly lot: string }[];
  readonly scope: { readonly root: Uint8Array; readonly count: number };
}

// A drill leaves trade untouched, and what others read of the goods too.

const openRecall: Mapping<Opening> = (p) => {
  if (p.mock) return [];
  const { recall, level, reason, scope } = p;
  return [
    {
      goods: true,
      fields: {
        type: 'ObjectEvent',
        action: 'OBSERVE',
        bizStep: 'holding',
        disposition: 'recalled',
        persistentDisposition: { set: ['recalled'] },
        quantityList: p.seeds.map(classOf),
        ...own({
          recall,
          level,
          reason,
          scopeRoot: bytesToHex(scope.root),
          scopeLots: scope.count,
        }),
      },
    },
  ];
};

const closeRecall: Mapping<{ readonly recall: string }> = (p, _tx, state) => {
  const recall = getRecall(state, p.recall);
  if (recall === undefined || recall.mock) return [];
  return [
    {
      goods: true,
      fields: {
        type: 'ObjectEvent',
        action: 'OBSERVE',
        bizStep: 'holding',
        persistentDisposition: { unset: ['recalled'] },
        quantityList: recall.seeds.map(classOf),
        ...own({ recall: p.recall }),
      },
    },
  ];
};

export const LABEL_MAPPINGS = {
  'labels.issue': issue,
  'labels.activate': activate,
  'labels.void': voidUnit,
  'labels.close': close,
  'labels.reveal': reveal,
  'recalls.open': openRecall,
  'recalls.close': closeRecall,
} as const;
