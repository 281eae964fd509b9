// The peel: fruit bought with the growers' own signatures, dried, and aged for the years that its label claims, in two rooms.

import { randomBytes } from 'node:crypto';
import { encodeConsent, lotKey, shipmentKey, toLot, toShipment } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { GLN, GTIN } from '../goods.ts';
import { DAY_MS } from '../ids.ts';
import { issueLabels, unitPath } from '../labels.ts';
import { filePaper } from '../papers.ts';
import { ORCHARDS, orchardOf } from '../people.ts';
import { at, DAYS, daysBefore, peelSeason } from '../plan.ts';
import type { Call, StoryEvent, Teller } from '../teller.ts';

const COOP = 'sanjiang-coop';
const SELLERS = ['grower-sanjiang', 'grower-shuangshui', 'grower-yamen'];
const FRUIT_g = 8_000_000;
const FRUIT_KG_PER_MU = 700;
/** 24 t of fruit give at most 1,197.6 kg at 4.99 %. */
const PEEL_g = 1_186_000;
const ROOMS = { a_g: 600_000, b_g: 586_000, dust_g: 3_000 } as const;
/** Of a year, within the 30,000 that the policy allows. */
const LOSS_PPM = 15_000;
const YEAR_DAYS = 365.25;
export const PACK_g = 250;

export function chenpi(teller: Teller): StoryEvent[] {
  const { plan, lots } = teller;
  return [
    teller.event(daysBefore(plan, 'picked'), () => pick(teller)),
    teller.event(daysBefore(plan, 'dried'), () =>
      teller.act(COOP, {
        module: 'lots',
        action: 'transform',
        payload: {
          inputs: SELLERS.map((grower) => fruitOf(teller, grower)),
          outputs: [
            {
              gtin: GTIN.driedPeel,
              lot: lots.driedPeel,
              amount: PEEL_g,
              note: '三瓣开皮，晴日翻晒十天',
            },
          ],
          place: GLN.yard,
          process: 'dry',
        },
        done: lotKey(GTIN.driedPeel, lots.driedPeel),
      }),
    ),
    teller.event(daysBefore(plan, 'stored'), async () => {
      await teller.act(COOP, ageCall(teller, lots.roomA, GLN.roomA, ROOMS.a_g));
      await teller.act(COOP, ageCall(teller, lots.roomB, GLN.roomB, ROOMS.b_g));
    }),
    ...Array.from({ length: plan.years }, (_, i) =>
      teller.event(daysBefore(plan, 'stored') - (i + 1) * YEAR_DAYS, () => weigh(teller, i + 1)),
    ),
    teller.event(DAYS.peelLabelled, () => label(teller)),
    teller.event(DAYS.peelShipped, () =>
      teller.act(COOP, {
        module: 'custody',
        action: 'ship',
        payload: {
          shipment: 'S-1',
          to: 'yuexiu-shop',
          place: GLN.yuexiu,
          items: [{ gtin: GTIN.chenpi, lot: lots.roomB, batch: 'L2', amount: 400 }],
        },
        done: shipmentKey(COOP, 'S-1'),
      }),
    ),
    teller.event(DAYS.peelReceived, () =>
      teller.act('yuexiu-shop', {
        module: 'custody',
        action: 'receive',
        payload: {
          from: COOP,
          shipment: 'S-1',
          items: [{ gtin: GTIN.chenpi, lot: lots.roomB, batch: 'L2', amount: 400 }],
        },
        done: received(COOP, 'S-1'),
      }),
    ),
  ];
}

/** A shipment that has ended with its receiver. */
export function received(from: string, shipment: string): Call['done'] {
  return (read) => {
    const value = read(shipmentKey(from, shipment));
    return value !== undefined && toShipment(value).status === 'received';
  };
}

function fruitOf({ plan }: Teller, grower: string) {
  const place = grower.slice('grower-'.length).toUpperCase().slice(0, 10);
  return { gtin: GTIN.mandarins, lot: `XG-${peelSeason(plan)}-${place}`, amount: FRUIT_g };
}

/** Three growers sell to the cooperative, which records it under their consents; the others bring their fruit in themselves. */
async function pick(teller: Teller): Promise<void> {
  const season = peelSeason(teller.plan);
  await Promise.all(
    ORCHARDS.filter(({ grower }) => !SELLERS.includes(grower)).map(({ grower, gln, area_mmu }) => {
      const { gtin, lot } = fruitOf(teller, grower);
      const amount = area_mmu * FRUIT_KG_PER_MU;
      return teller.act(grower, {
        module: 'lots',
        action: 'harvest',
        payload: { gtin, lot, amount, place: gln, season },
        done: lotKey(gtin, lot),
      });
    }),
  );
  for (const grower of SELLERS) {
    const { lot } = fruitOf(teller, grower);
    await teller.act(COOP, await purchaseCall(teller, { buyer: COOP, grower, lot, season }));
  }
}

export interface Purchase {
  readonly buyer: string;
  readonly grower: string;
  readonly lot: string;
  readonly season: string;
  readonly place?: string;
  readonly amount?: number;
}

/** A purchase with the grower's signature under exactly this. */
export async function purchaseCall(teller: Teller, purchase: Purchase): Promise<Call> {
  const { buyer, grower, lot, season, amount = FRUIT_g, place = GLN.yard } = purchase;
  const { node, secretOf } = teller.house;
  const { gln: plot } = orchardOf(grower);
  const terms = { buyer, gtin: GTIN.mandarins, plot, season, amount };
  const consent = encodeConsent(nodeCrypto, {
    ...terms,
    secret: await secretOf(grower),
    grower,
    chainId: node.chainId,
    nonce: new Uint8Array(randomBytes(16)),
    // Good for the days around the handover, by the season's clock.
    validUntil: teller.now_ms() + 7 * DAY_MS,
  });
  return {
    module: 'lots',
    action: 'purchase',
    payload: { gtin: GTIN.mandarins, lot, amount, place, grower, plot, season, consent },
    done: lotKey(GTIN.mandarins, lot),
  };
}

function ageCall({ lots, plan }: Teller, lot: string, place: string, amount: number): Call {
  return {
    module: 'lots',
    action: 'transform',
    payload: {
      inputs: [{ gtin: GTIN.driedPeel, lot: lots.driedPeel, amount }],
      outputs: [
        {
          gtin: GTIN.chenpi,
          lot,
          amount: amount - ROOMS.dust_g,
          note: '布袋离地堆放，每年复晒',
          claimedAge_months: plan.years * 12,
        },
      ],
      place,
      process: 'age',
      // To the hour at which the room's sensor speaks: the stay begins with a reading.
      time: at(plan, daysBefore(plan, 'stored')),
    },
    done: lotKey(GTIN.chenpi, lot),
  };
}

async function weigh(teller: Teller, year: number): Promise<void> {
  const { lots, plan } = teller;
  const since_ms = at(plan, daysBefore(plan, 'stored') - year * YEAR_DAYS);
  for (const lot of [lots.roomA, lots.roomB]) {
    const key = lotKey(GTIN.chenpi, lot);
    const value = teller.read(key);
    if (value === undefined) continue;
    const { left } = toLot(value);
    await teller.act(COOP, {
      module: 'lots',
      action: 're-weigh',
      payload: { gtin: GTIN.chenpi, lot, amount: left - Math.floor((left * LOSS_PPM) / 1e6) },
      done: (read) => {
        const weighed = read(key);
        return weighed !== undefined && toLot(weighed).weighed >= since_ms;
      },
    });
  }
}

async function label(teller: Teller): Promise<void> {
  const { lots, plan } = teller;
  const time_ms = at(plan, DAYS.peelLabelled);
  const gtin = GTIN.chenpi;
  await filePaper(teller, {
    issuer: 'association',
    kind: 'gi-authorisation',
    title: '新会陈皮地理标志专用标志使用授权（演示）',
    number: `GI-${peelSeason(plan)}-001`,
    time_ms,
    subjects: [`products/${gtin}`],
    lines: ['兹授权三江陈皮合作社（演示）使用新会陈皮地理标志。', 'Demo authorisation, invented.'],
  });
  await filePaper(teller, {
    issuer: 'jiangmen-lab',
    kind: 'laboratory-report',
    title: '新会陈皮检验报告（演示）',
    number: `JM-${peelSeason(plan)}-A1`,
    time_ms,
    subjects: [lotKey(gtin, lots.roomA)],
    lines: ['橙皮苷 hesperidin 3.8 %', '水分 moisture 11.8 %', '黄曲霉毒素 B1 1.2 µg/kg'],
    fields: {
      results: [
        { name: '橙皮苷 hesperidin', value: 38, decimals: 1, uom: '%' },
        { name: '水分 moisture', value: 118, decimals: 1, uom: '%' },
        { name: '黄曲霉毒素 B1 aflatoxin B1', value: 12, decimals: 1, uom: 'µg/kg' },
      ],
    },
  });
  const order = { signer: COOP, gtin, net: PACK_g };
  const a = { ...order, lot: lots.roomA, batch: 'L1', count: 1_600 };
  const b = { ...order, lot: lots.roomB, batch: 'L1', count: 1_000 };
  const fromA = await issueLabels(teller, a);
  const fromB = await issueLabels(teller, b);
  await issueLabels(teller, { ...b, batch: 'L2', count: 400 });
  const aged = unitPath(a, fromA.serials[0] ?? '');
  await teller.show(gtin, aged);
  await teller.tell('aged', aged);
  await teller.tell('outages', unitPath(b, fromB.serials[0] ?? ''));
}
