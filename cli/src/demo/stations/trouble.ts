// What goes wrong: a processor sells one quota twice and is refused, and names a grower who never sold to him and is refuted.

import { getCase, getQuota, lotKey } from '@suyuan/contracts';
import { GLN, GTIN } from '../goods.ts';
import { issueLabels, unitPath } from '../labels.ts';
import { orchardOf } from '../people.ts';
import { at, DAYS, yearAt } from '../plan.ts';
import { refusedInBlock } from '../race.ts';
import type { StoryEvent, Teller } from '../teller.ts';
import { PACK_g, purchaseCall } from './chenpi.ts';
import { quotaCall } from './opening.ts';

const BUYER = 'jinshun-peel';
const SELLER = 'grower-daze';
const REFUTER = 'grower-shuangshui';
const CASE = 'C-1';
const ATTEMPTS = 8;

export function trouble(teller: Teller): StoryEvent[] {
  const { lots } = teller;
  return [
    teller.event(DAYS.foreignBought, () =>
      teller.act(BUYER, {
        module: 'lots',
        action: 'purchase',
        payload: {
          gtin: GTIN.plainFruit,
          lot: lots.foreignFruit,
          amount: 5_000_000,
          place: GLN.jinshunPlant,
          grower: REFUTER,
          plot: orchardOf(REFUTER).gln,
          note: '双水果园收购',
        },
        done: lotKey(GTIN.plainFruit, lots.foreignFruit),
      }),
    ),
    teller.event(DAYS.foreignDried, () =>
      teller.act(BUYER, {
        module: 'lots',
        action: 'transform',
        payload: {
          inputs: [{ gtin: GTIN.plainFruit, lot: lots.foreignFruit, amount: 5_000_000 }],
          outputs: [{ gtin: GTIN.plainPeel, lot: lots.foreignPeel, amount: 240_000 }],
          place: GLN.jinshunPlant,
          process: 'dry',
        },
        done: lotKey(GTIN.plainPeel, lots.foreignPeel),
      }),
    ),
    teller.event(DAYS.foreignLabelled, async () => {
      const name = { gtin: GTIN.plainPeel, lot: lots.foreignPeel, batch: 'L1' };
      const { serials } = await issueLabels(teller, {
        ...name,
        signer: BUYER,
        count: 600,
        net: PACK_g,
      });
      const path = unitPath(name, serials[0] ?? '');
      await teller.show(GTIN.plainPeel, path);
      await teller.tell('refuted', path);
    }),
    teller.event(DAYS.refuted, () =>
      teller.act(REFUTER, {
        module: 'cases',
        action: 'refute',
        payload: {
          case: CASE,
          gtin: GTIN.plainFruit,
          lot: lots.foreignFruit,
          reason: '我没有卖过果给金顺 · I never sold fruit to Jinshun',
        },
        done: `cases/${CASE}`,
      }),
    ),
    teller.event(DAYS.decided, () =>
      teller.act('regulator', {
        module: 'cases',
        action: 'decide',
        payload: {
          case: CASE,
          outcome: 'upheld',
          decision: '无过磅单、无付款凭证，来源不成立 · no weighing slip, no payment',
        },
        done: (read) => getCase({ get: read }, CASE)?.status === 'upheld',
      }),
    ),
    teller.event(DAYS.overClaim, () => overClaim(teller)),
  ];
}

/** Two purchases of one quota, each within it, both sent at once; the grower signed both. */
async function overClaim(teller: Teller): Promise<void> {
  const { plan, read } = teller;
  const time_ms = at(plan, DAYS.overClaim);
  // The second picking of its year: never the season of the aged peel, however short the demo is.
  const season = `${yearAt(time_ms)}-2`;
  const { gln, area_mmu } = orchardOf(SELLER);
  await teller.actAll('association', [quotaCall(gln, season, time_ms - 1, area_mmu)]);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    if (teller.told('overClaim') !== undefined) return;
    const quota = getQuota({ get: read }, gln, GTIN.mandarins, season);
    const left = (quota?.granted ?? 0) - (quota?.drawn ?? 0);
    const orders = await Promise.all(
      ['A', 'B'].map(async (half) => ({
        signer: BUYER,
        ...(await purchaseCall(teller, {
          buyer: BUYER,
          grower: SELLER,
          lot: `JS-${season}-${attempt}${half}`,
          season,
          place: GLN.jinshunPlant,
          amount: Math.ceil(left * 0.6),
        })),
      })),
    );
    const path = await refusedInBlock(teller, orders);
    if (path !== undefined) await teller.tell('overClaim', path);
  }
}
