// What no history may break, whoever tries what: mass, units, lineage, custody (docs/formats.md §5).

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bytesToHex } from '../../encoding/bytes.ts';
import {
  batchesOf,
  liesRightly,
  lotsOf,
  PRELUDE,
  type Step,
  type StepKind,
  shipmentsOf,
  step,
  tryStep,
} from '../../testing/random-trade.ts';
import type { RuleBench } from '../../testing/rule-bench.ts';
import { createTrade, FRUIT, PEEL, PLOT_1, SEASON } from '../../testing/trade.ts';
import { shipmentKey } from '../custody/shipment.ts';
import { getProduct } from '../products/product.ts';
import { getQuota } from '../quotas/quota.ts';
import { dependentKey, type Lot, lotKey } from './lot.ts';

const keyOf = (lot: { readonly gtin: string; readonly lot: string }) => lotKey(lot.gtin, lot.lot);
const sum = (amounts: readonly number[]) => amounts.reduce((total, amount) => total + amount, 0);

/** Every lot adds up, and so do its labels: a unit is always some of the lot's mass. */
function checkBalance(bench: RuleBench, lots: readonly Lot[]): void {
  const batches = batchesOf(bench);
  for (const lot of lots) {
    const { left, labelled, used, lost, destroyed } = lot;
    const parts = [left, labelled, used, lost, destroyed];
    expect(parts.every((part) => Number.isSafeInteger(part) && part >= 0)).toBe(true);
    expect(sum(parts)).toBe(lot.made);
    const own = batches.filter((batch) => keyOf(batch) === keyOf(lot));
    const units = own.map(
      ({ closed, activated, count, net }) => (closed ? activated : count) * net,
    );
    expect(sum(units)).toBe(labelled);
    for (const batch of own) {
      expect(batch.activated - batch.voided - batch.missing).toBeGreaterThanOrEqual(0);
    }
  }
}

/** Inputs and `dependents/…` name each other, once, and what was used is what the descendants name. */
function checkLineage(bench: RuleBench, lots: readonly Lot[]): void {
  const hanging = new Set<string>();
  for (const lot of lots) {
    for (let n = 0; n < lot.dependents; n += 1) {
      const entry = bench.state.get(dependentKey(lot.gtin, lot.lot, n));
      const child = lots.find((other) => keyOf(other) === keyOf(entry as unknown as Lot));
      expect(entry).toEqual({ gtin: child?.gtin, lot: child?.lot, amount: child?.made });
      expect(child?.inputs.map(keyOf)).toContain(keyOf(lot));
      hanging.add(`${keyOf(lot)} → ${child && keyOf(child)}`);
    }
    expect(bench.state.get(dependentKey(lot.gtin, lot.lot, lot.dependents))).toBeUndefined();
    expect(lot.born).toBeLessThanOrEqual(lot.since);
  }
  const named = lots.flatMap((lot) => lot.inputs.map((input) => `${keyOf(input)} → ${keyOf(lot)}`));
  expect([...hanging].sort()).toEqual(named.sort());
  expect(sum(lots.map(({ dependents }) => dependents))).toBe(named.length);
  for (const lot of lots) {
    const children = lots.filter((child) =>
      child.inputs.some((input) => keyOf(input) === keyOf(lot)),
    );
    // The outputs of one transformation each name all that went in; the parts of a split only their own.
    const taken = new Map<string, number>();
    for (const child of children) {
      const own = sum(child.inputs.filter((i) => keyOf(i) === keyOf(lot)).map((i) => i.amount));
      const together = child.process === 'split' ? keyOf(child) : bytesToHex(child.tx);
      taken.set(together, own);
    }
    expect(sum([...taken.values()])).toBe(lot.used);
  }
}

/** Goods lie with one holder; what travels is in exactly one shipment that has not ended. */
function checkCustody(bench: RuleBench, lots: readonly Lot[]): void {
  const travelling = shipmentsOf(bench).filter(({ status }) => status === 'in-transit');
  const carried = new Map<string, string>();
  for (const shipment of travelling) {
    for (const item of shipment.items) {
      const what = `${keyOf(item)} ${item.batch ?? ''}`;
      expect(carried.has(what)).toBe(false);
      carried.set(what, shipmentKey(shipment.from, shipment.id));
    }
  }
  const goods = [
    ...lots.map((lot) => ({ what: `${keyOf(lot)} `, ...lot })),
    ...batchesOf(bench).map((batch) => ({ what: `${keyOf(batch)} ${batch.batch}`, ...batch })),
  ];
  for (const { what, holder, transit, moves } of goods) {
    expect(transit).toBe(carried.get(what));
    if (transit !== undefined) expect(transit.startsWith(`shipments/${holder}/`)).toBe(true);
    const times = moves.map(({ from }) => from);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    if (moves.length > 0) expect(moves.at(-1)?.holder).toBe(holder);
  }
  expect(lots.every(liesRightly)).toBe(true);
  const arrived = shipmentsOf(bench).flatMap(({ items }) => items);
  for (const batch of batchesOf(bench)) {
    const own = arrived.filter((i) => i.batch === batch.batch && keyOf(i) === keyOf(batch));
    const short = own.map(({ amount, received }) => Math.max(0, amount - (received ?? amount)));
    expect(sum(short)).toBe(batch.missing);
  }
}

/** What each transaction made of what. */
function steps(made: readonly Lot[]): { into: number; from: number }[] {
  const byTx = new Map<string, { into: number; from: number }>();
  for (const lot of made) {
    const into = (byTx.get(bytesToHex(lot.tx))?.into ?? 0) + lot.made;
    byTx.set(bytesToHex(lot.tx), { into, from: sum(lot.inputs.map(({ amount }) => amount)) });
  }
  return [...byTx.values()];
}

/** Of a family and season comes out what went in, by quota and policy; of the mark only what has it. */
function checkOrigin(bench: RuleBench, lots: readonly Lot[]): void {
  const fruit = lots.filter(({ gtin, inputs }) => gtin === FRUIT && inputs.length === 0);
  const drawn = getQuota(bench.state, PLOT_1, FRUIT, SEASON);
  expect(sum(fruit.map(({ made }) => made))).toBe(drawn?.drawn);
  expect(drawn?.drawn).toBeLessThanOrEqual(drawn?.granted ?? -1);
  const present = (lot: Lot) => lot.left + lot.labelled;
  const peel = lots.filter(({ gtin }) => gtin === PEEL);
  const peeled = peel.filter(({ process }) => process === 'peel');
  const aged = peel.filter(({ process }) => process === 'age');
  for (const [made, [least, most]] of [
    [peeled, [10_000, 50_000]],
    [aged, [900_000, 1_000_000]],
    [lots.filter(({ process }) => process === 'mix'), [0, 1_000_000]],
  ] as const) {
    for (const { into, from } of steps(made)) {
      expect(into * 1_000_000).toBeGreaterThanOrEqual(from * least);
      expect(into * 1_000_000).toBeLessThanOrEqual(from * most);
    }
  }
  const all = sum(fruit.map(({ made }) => made));
  expect(sum(peeled.map(({ made }) => made)) * 20).toBeLessThanOrEqual(all);
  expect(sum(peel.map(present))).toBeLessThanOrEqual(sum(peeled.map(({ made }) => made)));
  expect(peel.every(({ season }) => season === SEASON)).toBe(true);
  const markOf = (gtin: string) => getProduct(bench.state, gtin)?.mark;
  for (const lot of lots) {
    if (markOf(lot.gtin) === undefined) continue;
    expect(lot.inputs.every((input) => markOf(input.gtin) === markOf(lot.gtin))).toBe(true);
  }
  const sources = lots.filter(({ inputs }) => inputs.length === 0);
  expect(sum(lots.map(present))).toBeLessThanOrEqual(sum(sources.map(({ made }) => made)));
}

it('holds over any history of harvests, makings, labels and handovers', () => {
  const done = new Map<StepKind, number>();
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 50 }), (steps: readonly Step[]) => {
      const bench = createTrade();
      [...PRELUDE, ...steps].forEach((one, nth) => {
        const before = lotsOf(bench).filter(({ transit }) => transit !== undefined);
        const code = tryStep(bench, one, nth);
        if (code === '') done.set(one.kind, (done.get(one.kind) ?? 0) + 1);
        // What travels is changed by the end of its journey only.
        if (['receive', 'refuse', 'cancel'].includes(one.kind)) return;
        const after = new Map(lotsOf(bench).map((lot) => [keyOf(lot), lot]));
        for (const lot of before) expect(after.get(keyOf(lot))).toEqual(lot);
      });
      const lots = lotsOf(bench);
      checkBalance(bench, lots);
      checkLineage(bench, lots);
      checkCustody(bench, lots);
      checkOrigin(bench, lots);
    }),
    { numRuns: 50 },
  );
  // The property is about something only if things happened.
  expect([...done.keys()].length).toBeGreaterThanOrEqual(20);
}, 60_000);
