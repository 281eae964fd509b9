// Random histories of the trade in `trade.ts`: whatever anybody may sign, in any order, the senseless too. For properties of rules.

import fc from 'fast-check';
import type { CborObject } from '../encoding/types.ts';
import { logRoot } from '../merkle/log-tree.ts';
import { type Shipment, toShipment } from '../rules/custody/shipment.ts';
import { type LabelBatch, toLabelBatch } from '../rules/labels/label.ts';
import { type Lot, placeOf, toLot } from '../rules/lots/lot.ts';
import type { RuleBench } from './rule-bench.ts';
import {
  CAKE,
  consentTo,
  FRUIT,
  harvestOf,
  MILL,
  MILL_2,
  PEEL,
  PLOT_1,
  PLOT_2,
  purchaseOf,
  SEED,
  SHOP,
  TEA,
  VAN,
} from './trade.ts';

/** Whose goods go where. */
const HOMES: readonly (readonly [account: string, place: string])[] = [
  ['grower-1', PLOT_1],
  ['grower-2', PLOT_2],
  ['mill-1', MILL],
  ['mill-2', MILL_2],
  ['shop', SHOP],
];

const KINDS = [
  'harvest',
  'harvest-tea',
  'purchase',
  'purchase-tea',
  'peel',
  'age',
  'mix',
  'split',
  'merge',
  're-weigh',
  'destroy',
  'issue',
  'activate',
  'close',
  'void',
  'ship',
  'ship-batch',
  'receive',
  'refuse',
  'cancel',
  'return',
  'move',
] as const;
export type StepKind = (typeof KINDS)[number];

/** One thing that somebody tries. `a` and `b` pick goods, `n` an amount in thousandths of what is there (beyond 1000: too much). */
export interface Step {
  readonly kind: StepKind;
  readonly a: number;
  readonly b: number;
  readonly n: number;
  /** Signed by somebody who need not hold the goods. */
  readonly stranger: boolean;
}

/** Rare ones, which need another before them, are tried more often. */
const OFTEN: readonly StepKind[] = ['age', 'activate', 'activate', 'void', 'ship-batch', 'receive'];

export const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...KINDS, ...OFTEN),
  a: fc.nat(1000),
  b: fc.nat(1000),
  n: fc.oneof({ weight: 5, arbitrary: fc.nat(1000) }, { weight: 1, arbitrary: fc.nat(1200) }),
  stranger: fc.boolean(),
});

/** What every history begins with, so that there is something to do it with. */
export const PRELUDE: readonly Step[] = (['harvest', 'harvest-tea', 'peel', 'issue'] as const).map(
  (kind) => ({ kind, a: 0, b: 5, n: 800, stranger: false }),
);

export const lotsOf = (bench: RuleBench) => valuesOf(bench, 'lots/').map((v) => toLot(v));
export const batchesOf = (bench: RuleBench) =>
  valuesOf(bench, 'labels/').map((v) => toLabelBatch(v));
export const shipmentsOf = (bench: RuleBench) =>
  valuesOf(bench, 'shipments/').map((v) => toShipment(v));

function valuesOf(bench: RuleBench, prefix: string) {
  return [...bench.keys()]
    .filter((key) => key.startsWith(prefix))
    .sort()
    .map((key) => bench.state.get(key) ?? null);
}

/** Tries one step; returns the code of its refusal, or the empty text. `nth` numbers what it makes. */
export function tryStep(bench: RuleBench, s: Step, nth: number): string {
  const call = toCall(bench, s, `L${nth}`, nth);
  if (call === undefined) return 'nothing to do it with';
  const [signer, action, payload] = call;
  const other = HOMES[s.b % HOMES.length]?.[0] ?? signer;
  // One in eight is somebody who has no business there.
  return bench.run(s.stranger && s.b % 4 === 0 ? other : signer, action, payload);
}

type Call = readonly [signer: string, action: string, payload: CborObject];

function toCall(bench: RuleBench, s: Step, name: string, nth: number): Call | undefined {
  switch (s.kind) {
    case 'harvest':
      return ['grower-1', 'lots.harvest', harvestOf(name, 1 + s.n * 3000)];
    case 'harvest-tea':
      return ['grower-2', 'lots.harvest', { gtin: TEA, lot: name, place: PLOT_2, amount: 1 + s.n }];
    case 'purchase': {
      const amount = 1 + s.n * 1000;
      const consent = consentTo(bench, amount, { nonce: new Uint8Array(16).fill(nth) });
      return ['mill-1', 'lots.purchase', { ...purchaseOf(name, amount), consent }];
    }
    case 'purchase-tea':
      return ['mill-1', 'lots.purchase', { ...purchaseOf(name, 1 + s.n), gtin: TEA }];
    default:
      return onGoods(bench, s, name);
  }
}

function onGoods(bench: RuleBench, s: Step, name: string): Call | undefined {
  const lots = lotsOf(bench);
  const first = lots[s.a % Math.max(lots.length, 1)];
  if (first === undefined) return undefined;
  const share = (lot: Lot) => Math.floor((lot.left * s.n) / 1000);
  const id = { gtin: first.gtin, lot: first.lot };
  switch (s.kind) {
    case 'peel':
    case 'age':
    case 'mix':
      return making(s, name, lots);
    case 'split': {
      const outputs = [
        { lot: name, amount: share(first) },
        { lot: `${name}b`, amount: 1 + (s.b % 50) },
      ];
      return [first.holder, 'lots.split', { ...id, outputs }];
    }
    case 'merge': {
      const same = lots
        .filter((l) => l.gtin === first.gtin && l.holder === first.holder)
        .slice(0, 3);
      const inputs = same.map((lot) => ({ lot: lot.lot, amount: share(lot) }));
      return [first.holder, 'lots.merge', { gtin: first.gtin, inputs, lot: name }];
    }
    case 're-weigh':
      return [first.holder, 'lots.re-weigh', { ...id, amount: first.left - (s.b % 3) }];
    case 'destroy':
      return [first.holder, 'lots.destroy', { ...id, amount: share(first), reason: 'rot' }];
    case 'issue': {
      const root = logRoot(() => new Uint8Array(32), []);
      const payload = { ...id, batch: name, root, count: 1 + (s.b % 9), net: 1 + share(first) / 4 };
      return [first.holder, 'labels.issue', { ...payload, net: Math.floor(payload.net) }];
    }
    case 'return':
      return [first.holder, 'lots.return', { ...id, shipment: name, reason: 'dented' }];
    case 'move':
      return [first.holder, 'custody.move', { ...id, place: homeOf(first.holder) }];
    case 'ship':
      return shipping(s, name, first.holder, [{ ...id, amount: first.left }]);
    default:
      return onBatchOrShipment(bench, s, name);
  }
}

/** Peel of fruit, aged peel, or anything mixed with anything else into anything. */
function making(s: Step, name: string, lots: readonly Lot[]): Call | undefined {
  const from = s.kind === 'peel' ? [FRUIT] : s.kind === 'age' ? [PEEL] : [FRUIT, PEEL, TEA, SEED];
  const fit = lots.filter(({ gtin }) => from.includes(gtin));
  const first = fit[s.a % Math.max(fit.length, 1)];
  if (first === undefined) return undefined;
  const taken = fit.filter((l) => l.holder === first.holder).slice(0, 1 + (s.b % 3));
  const inputs = taken.map((l) => ({
    gtin: l.gtin,
    lot: l.lot,
    amount: Math.ceil((l.left * s.n) / 1000),
  }));
  const total = inputs.reduce((sum, { amount }) => sum + amount, 0);
  const ppm = s.kind === 'peel' ? 30_000 + (s.b % 40) * 1000 : 880_000 + (s.a % 180) * 1000;
  const gtin = s.kind === 'mix' ? ([TEA, SEED, CAKE][s.a % 3] ?? TEA) : PEEL;
  const amount = Math.floor((total * ppm) / 1_000_000);
  const outputs = [
    { gtin, lot: name, amount: Math.ceil(amount / 2) },
    { gtin, lot: `${name}b`, amount: Math.floor(amount / 2) },
  ];
  const place = homeOf(first.holder);
  return [first.holder, 'lots.transform', { inputs, outputs, place, process: s.kind }];
}

function onBatchOrShipment(bench: RuleBench, s: Step, name: string): Call | undefined {
  if (s.kind === 'receive' || s.kind === 'refuse' || s.kind === 'cancel') {
    const all = shipmentsOf(bench);
    const travelling = all.filter(({ status }) => status === 'in-transit');
    const pool = s.n % 10 === 0 ? all : travelling;
    const shipment = pool[s.a % Math.max(pool.length, 1)];
    return shipment === undefined ? undefined : ending(s, shipment);
  }
  const batches = batchesOf(bench);
  const batch = batches[s.a % Math.max(batches.length, 1)];
  if (batch === undefined) return undefined;
  return onBatch(s, name, batch);
}

function onBatch(s: Step, name: string, batch: LabelBatch): Call {
  const id = { gtin: batch.gtin, lot: batch.lot, batch: batch.batch };
  const upTo = s.n % 2 === 0 ? batch.count : 1 + (s.b % 9);
  if (s.kind === 'activate') return [batch.holder, 'labels.activate', { ...id, upTo }];
  if (s.kind === 'close') return [batch.holder, 'labels.close', id];
  if (s.kind === 'void') {
    return [batch.holder, 'labels.void', { ...id, index: s.b % 9, reason: 'torn' }];
  }
  const amount = batch.activated - batch.voided - batch.missing;
  return shipping(s, name, batch.holder, [{ ...id, amount }]);
}

function shipping(s: Step, name: string, from: string, items: CborObject[]): Call {
  const [to = '', place = ''] = HOMES[s.b % HOMES.length] ?? [];
  const via = s.n % 2 === 0 ? { via: VAN } : {};
  return [from, 'custody.ship', { shipment: name, to, place, items, ...via }];
}

function ending(s: Step, { id, from, to, items }: Shipment): Call {
  if (s.kind === 'cancel') return [from, 'custody.cancel', { shipment: id, reason: 'rain' }];
  if (s.kind === 'refuse') return [to, 'custody.refuse', { from, shipment: id, reason: 'wet' }];
  const arrived = items.map(({ received: _, ...item }) => ({
    ...item,
    amount: Math.max(0, item.amount + ((s.b % 5) - 2)),
    reason: 'other scale',
  }));
  return [to, 'custody.receive', { from, shipment: id, items: arrived as CborObject[] }];
}

function homeOf(account: string): string {
  return HOMES.find(([id]) => id === account)?.[1] ?? MILL;
}

/** Where the goods lie is a place of their holder's, or the van that carries them. */
export function liesRightly(lot: Lot): boolean {
  const place = placeOf(lot);
  return place === homeOf(lot.holder) || (place === VAN && lot.transit !== undefined);
}
