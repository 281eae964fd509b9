// Rice: paddy through two silos and the mill to two shops. The paddy of one silo has too much cadmium: a recall of level 2.

import { lotKey, recallKey, shipmentKey } from '@suyuan/contracts';
import { GLN, GTIN } from '../goods.ts';
import { issueLabels, unitPath } from '../labels.ts';
import { filePaper } from '../papers.ts';
import { at, DAYS } from '../plan.ts';
import type { StoryEvent, Teller } from '../teller.ts';
import { received } from './chenpi.ts';
import { holderHas, openPayload, report } from './recall-steps.ts';

const COOP = 'taishan-coop';
const PADDY_g = 140_000_000;
const BAG_g = 5_000;
const RECALL = 'R-1';
const BAD_BAGS = 2_400;
const TORN_BAGS = 2;

export function rice(teller: Teller): StoryEvent[] {
  const { lots } = teller;
  return [
    teller.event(DAYS.paddyHarvest, () =>
      teller.act(COOP, {
        module: 'lots',
        action: 'harvest',
        payload: { gtin: GTIN.paddy, lot: lots.paddy, amount: PADDY_g, place: GLN.paddy },
        done: lotKey(GTIN.paddy, lots.paddy),
      }),
    ),
    teller.event(DAYS.siloed, async () => {
      const dry = [GTIN.paddy, lots.paddy] as const;
      await step(teller, 'dry', GLN.silo, dry, 90_000_000, [GTIN.paddy, lots.silo], 79_000_000);
      const other = [GTIN.paddy, lots.otherSilo] as const;
      await step(teller, 'dry', GLN.otherSilo, dry, 50_000_000, other, 44_000_000);
    }),
    teller.event(DAYS.milled, async () => {
      const good = [GTIN.rice, lots.rice] as const;
      const silo = [GTIN.paddy, lots.silo] as const;
      await step(teller, 'mill', GLN.mill, silo, 40_000_000, good, 26_400_000);
      const bad = [GTIN.rice, lots.badRice] as const;
      const other = [GTIN.paddy, lots.otherSilo] as const;
      await step(teller, 'mill', GLN.mill, other, 20_000_000, bad, 13_100_000);
    }),
    teller.event(DAYS.riceLabelled, () => label(teller)),
    teller.event(DAYS.riceShipped, async () => {
      await ship(teller, 'S-1', 'donghu-shop', GLN.donghu, lots.rice, 5_000);
      await ship(teller, 'S-2', 'yuexiu-shop', GLN.yuexiu, lots.badRice, BAD_BAGS);
    }),
    teller.event(DAYS.riceReceived, async () => {
      await receive(teller, 'S-1', 'donghu-shop', { lot: lots.rice, amount: 5_000 });
      const amount = BAD_BAGS - TORN_BAGS;
      const reason = '两袋破损 two bags torn';
      await receive(teller, 'S-2', 'yuexiu-shop', { lot: lots.badRice, amount, reason });
    }),
    teller.event(DAYS.suspected, () => test(teller)),
    teller.event(DAYS.recalled, () => recall(teller)),
    teller.event(DAYS.acknowledged, async () => {
      for (const holder of [COOP, 'yuexiu-shop']) {
        await teller.act(holder, {
          module: 'recalls',
          action: 'acknowledge',
          payload: { recall: RECALL },
          done: holderHas(RECALL, holder, 'acknowledgedAt'),
        });
      }
    }),
    teller.event(DAYS.reported, async () => {
      await report(teller, RECALL, COOP, (due_g) => ({ recovered_g: due_g, sold_g: 0 }));
      // A hundred bags are still looked for: that is why it is open.
      await report(teller, RECALL, 'yuexiu-shop', (due_g) => ({
        recovered_g: due_g - 460 * BAG_g,
        sold_g: 360 * BAG_g,
      }));
    }),
  ];
}

type Lot = readonly [gtin: string, lot: string];

function step(
  teller: Teller,
  process: string,
  place: string,
  [gtin, lot]: Lot,
  amount: number,
  [outGtin, outLot]: Lot,
  outAmount: number,
): Promise<void> {
  return teller.act(COOP, {
    module: 'lots',
    action: 'transform',
    payload: {
      inputs: [{ gtin, lot, amount }],
      outputs: [{ gtin: outGtin, lot: outLot, amount: outAmount }],
      place,
      process,
    },
    done: lotKey(outGtin, outLot),
  });
}

async function label(teller: Teller): Promise<void> {
  const order = { signer: COOP, gtin: GTIN.rice, batch: 'L1', net: BAG_g };
  const good = { ...order, lot: teller.lots.rice, count: 5_000 };
  const bad = { ...order, lot: teller.lots.badRice, count: BAD_BAGS };
  const path = unitPath(good, (await issueLabels(teller, good)).serials[0] ?? '');
  await teller.show(GTIN.rice, path);
  await teller.tell('rice', path);
  const recalled = await issueLabels(teller, bad);
  await teller.tell('recalled', unitPath(bad, recalled.serials[0] ?? ''));
}

function ship(
  teller: Teller,
  shipment: string,
  to: string,
  place: string,
  lot: string,
  amount: number,
): Promise<void> {
  const items = [{ gtin: GTIN.rice, lot, batch: 'L1', amount }];
  return teller.act(COOP, {
    module: 'custody',
    action: 'ship',
    payload: { shipment, to, place, items },
    done: shipmentKey(COOP, shipment),
  });
}

function receive(
  teller: Teller,
  shipment: string,
  by: string,
  arrived: { readonly lot: string; readonly amount: number; readonly reason?: string },
): Promise<void> {
  return teller.act(by, {
    module: 'custody',
    action: 'receive',
    payload: { from: COOP, shipment, items: [{ gtin: GTIN.rice, batch: 'L1', ...arrived }] },
    done: received(COOP, shipment),
  });
}

async function test(teller: Teller): Promise<void> {
  const { lots, plan } = teller;
  await filePaper(teller, {
    issuer: 'jiangmen-lab',
    kind: 'laboratory-report',
    title: '大米抽检报告（演示）',
    number: `JM-${lots.badRice}`,
    time_ms: at(plan, DAYS.suspected),
    subjects: [lotKey(GTIN.rice, lots.badRice), lotKey(GTIN.paddy, lots.otherSilo)],
    lines: ['镉 cadmium 0.23 mg/kg', '限量 limit 0.2 mg/kg (GB 2762)', '不合格 not conforming'],
    fields: { results: [{ name: '镉 cadmium', value: 23, decimals: 2, uom: 'mg/kg' }] },
  });
}

async function recall(teller: Teller): Promise<void> {
  const seeds = [{ gtin: GTIN.paddy, lot: teller.lots.otherSilo }];
  await teller.act('regulator', {
    module: 'recalls',
    action: 'open',
    payload: openPayload(teller, RECALL, seeds, {
      level: 2,
      mock: false,
      reason: '镉 0.23 mg/kg，超过 GB 2762 限量 0.2 · cadmium above the limit',
    }),
    done: recallKey(RECALL),
  });
  await teller.tell('recall', `/api/v1/recalls/${RECALL}`);
}
