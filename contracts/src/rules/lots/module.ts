// lots: where goods come from, what becomes of them, and how much of them is left (docs/formats.md §5, *lot*).

import { returnGoods } from '../custody/return.ts';
import type { RuleModule } from '../types.ts';
import { harvest } from './harvest.ts';
import { openBalance } from './open-balance.ts';
import { purchase } from './purchase.ts';
import { merge, split } from './split-merge.ts';
import { transform } from './transform.ts';
import { destroy, reWeigh } from './weighing.ts';

export { PROCESSES } from './transform.ts';

export const lots: RuleModule = {
  name: 'lots',
  version: 1,
  actions: {
    harvest,
    purchase,
    transform,
    split,
    merge,
    're-weigh': reWeigh,
    destroy,
    'open-balance': openBalance,
    return: returnGoods,
  },
};
