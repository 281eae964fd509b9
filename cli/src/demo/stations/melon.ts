// Melons: cut in the morning, chilled, with the grower's certificate of conformity into a truck whose cooling fails on the way.

import { lotKey, shipmentKey } from '@suyuan/contracts';
import { GLN, GTIN } from '../goods.ts';
import { DAY_MS } from '../ids.ts';
import { issueLabels, unitPath } from '../labels.ts';
import { filePaper } from '../papers.ts';
import { at, DAYS } from '../plan.ts';
import type { StoryEvent, Teller } from '../teller.ts';
import { received } from './chenpi.ts';

const FARM = 'duruan-farm';
const SHOP = 'yuexiu-shop';
const PACKS = 2_000;
const CUT_g = 2_400_000;
const CHILLED_g = 2_350_000;

export function melon(teller: Teller): StoryEvent[] {
  const { lots } = teller;
  const items = [{ gtin: GTIN.melon, lot: lots.chilledMelon, batch: 'L1', amount: PACKS }];
  return [
    teller.event(DAYS.melonHarvest, () =>
      teller.act(FARM, {
        module: 'lots',
        action: 'harvest',
        payload: { gtin: GTIN.melon, lot: lots.melon, amount: CUT_g, place: GLN.melonPlot },
        done: lotKey(GTIN.melon, lots.melon),
      }),
    ),
    teller.event(DAYS.melonPacked, async () => {
      await teller.act(FARM, {
        module: 'lots',
        action: 'transform',
        payload: {
          inputs: [{ gtin: GTIN.melon, lot: lots.melon, amount: CUT_g }],
          outputs: [{ gtin: GTIN.melon, lot: lots.chilledMelon, amount: CHILLED_g }],
          place: GLN.melonShed,
          process: 'chill',
        },
        done: lotKey(GTIN.melon, lots.chilledMelon),
      });
      const order = { signer: FARM, gtin: GTIN.melon, lot: lots.chilledMelon, batch: 'L1' };
      const batch = { ...order, count: PACKS, net: 1_000 };
      const path = unitPath(batch, (await issueLabels(teller, batch)).serials[0] ?? '');
      await teller.show(GTIN.melon, path);
      await teller.tell('excursion', path);
    }),
    teller.event(DAYS.melonLoaded, async () => {
      const conformity = await certify(teller);
      await teller.act(FARM, {
        module: 'custody',
        action: 'ship',
        payload: {
          shipment: 'S-1',
          to: SHOP,
          place: GLN.yuexiu,
          via: GLN.truck,
          items,
          documents: [conformity],
        },
        done: shipmentKey(FARM, 'S-1'),
      });
    }),
    teller.event(DAYS.melonArrived, () =>
      teller.act(SHOP, {
        module: 'custody',
        action: 'receive',
        payload: { from: FARM, shipment: 'S-1', items },
        done: received(FARM, 'S-1'),
      }),
    ),
  ];
}

function certify(teller: Teller): Promise<Uint8Array> {
  const { lots, plan } = teller;
  const time_ms = at(plan, DAYS.melonLoaded);
  return filePaper(teller, {
    issuer: FARM,
    kind: 'conformity',
    title: '承诺达标合格证（演示）',
    number: `HGZ-${lots.chilledMelon}`,
    time_ms,
    validUntil_ms: time_ms + 30 * DAY_MS,
    subjects: [lotKey(GTIN.melon, lots.chilledMelon)],
    lines: [
      '产品 product: 杜阮凉瓜 Duruan bitter melon',
      '不使用禁用农药，常规农药残留不超标（自检、自我承诺）',
    ],
    fields: {
      conformity: {
        amount: CHILLED_g,
        origin: '蓬江区杜阮镇 Duruan, Pengjiang',
        basis: ['self-test', 'self-commitment'],
      },
    },
  });
}
