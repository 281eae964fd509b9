// A drill: the cooperative asks itself where its peel is, and has every gram of it within three hours.

import { recallKey } from '@suyuan/contracts';
import { GTIN } from '../goods.ts';
import { DAYS } from '../plan.ts';
import type { StoryEvent, Teller } from '../teller.ts';
import { closed, holderHas, openPayload, report } from './recall-steps.ts';

const COOP = 'sanjiang-coop';
const HOLDERS = [COOP, 'yuexiu-shop'];
const DRILL = 'D-1';
const DAY_MINUTES = 24 * 60;

export function drill(teller: Teller): StoryEvent[] {
  const after = (minutes: number) => DAYS.drill - minutes / DAY_MINUTES;
  return [
    teller.event(after(0), async () => {
      const seeds = [{ gtin: GTIN.driedPeel, lot: teller.lots.driedPeel }];
      await teller.act(COOP, {
        module: 'recalls',
        action: 'open',
        payload: openPayload(teller, DRILL, seeds, {
          level: 1,
          mock: true,
          reason: '年度模拟召回演练 · yearly recall drill',
        }),
        done: recallKey(DRILL),
      });
      await teller.tell('drill', `/api/v1/recalls/${DRILL}`);
    }),
    teller.event(after(25), async () => {
      for (const holder of HOLDERS) {
        await teller.act(holder, {
          module: 'recalls',
          action: 'acknowledge',
          payload: { recall: DRILL },
          done: holderHas(DRILL, holder, 'acknowledgedAt'),
        });
      }
    }),
    teller.event(after(100), async () => {
      const all = (due_g: number) => ({ recovered_g: due_g, sold_g: 0 });
      for (const holder of HOLDERS) await report(teller, DRILL, holder, all);
    }),
    teller.event(after(170), () =>
      teller.act(COOP, {
        module: 'recalls',
        action: 'close',
        payload: { recall: DRILL },
        done: closed(DRILL),
      }),
    ),
  ];
}
