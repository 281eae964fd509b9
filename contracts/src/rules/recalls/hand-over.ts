// Goods of an open recall that arrive with another holder, on their way when it was opened or sent back under it: he has to
// account for them from then on (docs/formats.md §5).

import { RECALL_HOLDERS_MAX } from '../../limits.ts';
import { lotKey } from '../lots/lot.ts';
import { getProduct } from '../products/product.ts';
import type { LedgerState, StateWrite } from '../types.ts';
import { addAmounts, NO_AMOUNTS, subtractAmounts } from './holdings.ts';
import {
  type Amounts,
  getRecallHolder,
  openRecalls,
  type RecallHolder,
  recallHolderWrite,
  recallWrite,
  reportedBy,
  requireRecall,
} from './recall.ts';

export interface Arrived {
  readonly gtin: string;
  readonly lot: string;
  /** In the product's unit. */
  readonly amount: number;
}

/**
 * What a receipt changes in the open recalls. `due` moves with the goods as far as the sender has not reported it already, so
 * the sums of the recall stay. A new holder is counted in the recall's record, whose change tells him.
 */
export function handOver(
  state: LedgerState,
  { from, to }: { readonly from: string; readonly to: string },
  goods: readonly Arrived[],
): StateWrite[] {
  return openRecalls(state).flatMap((id) => {
    const scoped = goods.filter(({ gtin, lot }) => state.inScope(id, lotKey(gtin, lot)));
    if (scoped.length === 0) return [];
    const recall = requireRecall(state, id);
    const known = getRecallHolder(state, id, to);
    if (known === undefined && recall.holders >= RECALL_HOLDERS_MAX) return [];
    const sender = getRecallHolder(state, id, from);
    const free = sender ? subtractAmounts(sender.due, reportedBy(sender)) : NO_AMOUNTS;
    const moved = least(free, sumOf(state, scoped));
    const receiver: RecallHolder = known ?? { account: to, lots: 0, ...NOTHING_YET };
    return [
      recallHolderWrite(id, {
        ...receiver,
        lots: receiver.lots + new Set(scoped.map(({ gtin, lot }) => lotKey(gtin, lot))).size,
        due: addAmounts(receiver.due, moved),
      }),
      ...(sender === undefined
        ? []
        : [recallHolderWrite(id, { ...sender, due: subtractAmounts(sender.due, moved) })]),
      ...(known === undefined ? [recallWrite({ ...recall, holders: recall.holders + 1 })] : []),
    ];
  });
}

const NOTHING_YET = {
  due: NO_AMOUNTS,
  recovered: NO_AMOUNTS,
  destroyed: NO_AMOUNTS,
  sold: NO_AMOUNTS,
};

function sumOf(state: LedgerState, goods: readonly Arrived[]): Amounts {
  return goods.reduce<Amounts>((sum, { gtin, amount }) => {
    const unit = getProduct(state, gtin)?.unit ?? 'g';
    return addAmounts(sum, { ...NO_AMOUNTS, [unit]: amount });
  }, NO_AMOUNTS);
}

function least(a: Amounts, b: Amounts): Amounts {
  return { g: Math.min(a.g, b.g), count: Math.min(a.count, b.count) };
}
