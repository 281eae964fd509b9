// A small trade for the tests of labels and recalls: a cooperative that harvests and ages, a mill, two shops, one product.

import type { CborObject } from '../../encoding/types.ts';
import { leafHash } from '../../merkle/log-hash.ts';
import { logRoot } from '../../merkle/log-tree.ts';
import { createTestChain } from '../../testing/test-chain.ts';
import { unitLeaf } from '../labels/label.ts';

export const GTIN = '06901234500004';
const PLOT = '6901234500103';
/** A warehouse of each. */
export const YARD = {
  coop: '6901234500202',
  mill: '6901234500301',
  shop: '6901234500400',
  kiosk: '6901234500509',
} as const;
export type Trader = keyof typeof YARD;

const names = (en: string) => ({ zh: en, en });

/** With a policy of the product when `limits` are given, active from the next block on. */
export function createTrade(limits?: CborObject) {
  const chain = createTestChain();
  chain.addAccount('coop', ['grower', 'processor']);
  chain.addAccount('mill', ['processor']);
  chain.addAccount('shop', ['shop']);
  chain.addAccount('kiosk', ['shop']);
  if (limits !== undefined) {
    chain.must('association', 'policies', 'adopt', {
      policy: 'rules',
      version: 1,
      title: names('rules'),
      from: chain.height + 2,
      sources: [{ topic: 'test', source: 'test' }],
      ...limits,
    });
  }
  chain.must('association', 'products', 'register', {
    gtin: GTIN,
    name: names('peel'),
    category: 'food',
    regime: 'none',
    unit: 'g',
    ...(limits === undefined ? {} : { policy: 'rules' }),
  });
  const places = [['coop', PLOT, 'plot'], ...Object.entries(YARD).map((y) => [...y, 'warehouse'])];
  for (const [holder = '', gln = '', kind = ''] of places) {
    chain.must(holder, 'places', 'register', {
      gln,
      kind,
      name: names(kind),
      township: names('town'),
      holder,
    });
  }

  return {
    chain,
    harvest: (by: string, lot: string, amount: number, more: CborObject = {}): void =>
      void chain.must(by, 'lots', 'harvest', { gtin: GTIN, lot, place: PLOT, amount, ...more }),
    /** The receipt's code. The root is of one serial, unless `more` has another. */
    label(
      by: string,
      lot: string,
      batch: string,
      count: number,
      net: number,
      more: CborObject = {},
    ): string {
      const root = logRoot(chain.hash, [leafHash(chain.hash, unitLeaf(GTIN, lot, 'S0'))]);
      const payload = { gtin: GTIN, lot, batch, root, count, net, ...more };
      return chain.run(by, 'labels', 'issue', payload).code;
    },
    /** All of the inputs into one output; the receipt's code. */
    age(by: Trader, from: readonly { lot: string; amount: number }[], to: string): string {
      const amount = from.reduce((sum, input) => sum + input.amount, 0);
      return chain.run(by, 'lots', 'transform', {
        inputs: from.map((input) => ({ gtin: GTIN, ...input })),
        outputs: [{ gtin: GTIN, lot: to, amount }],
        place: YARD[by],
        process: 'age',
      }).code;
    },
    ship: (by: string, to: Trader, shipment: string, items: CborObject[]): string =>
      chain.run(by, 'custody', 'ship', { shipment, to, place: YARD[to], items }).code,
    receive: (by: string, from: string, shipment: string, items: CborObject[]): string =>
      chain.run(by, 'custody', 'receive', { from, shipment, items }).code,
  };
}
