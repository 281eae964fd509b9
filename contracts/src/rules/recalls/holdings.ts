// Who holds how much of a recall's scope: what is left in bulk of each lot, and the packs of each label batch, with who has
// them (docs/formats.md §5).

import { AppError } from '../../errors.ts';
import { RECALL_HOLDERS_MAX } from '../../limits.ts';
import { getLabelBatch, type LabelBatch, labelListKey } from '../labels/label.ts';
import type { Lot } from '../lots/lot.ts';
import { getProduct } from '../products/product.ts';
import type { StateReader } from '../types.ts';
import type { Amounts } from './recall.ts';

export interface Holding {
  readonly lots: number;
  readonly due: Amounts;
}

/** Sums stop at the largest integer of the formats: no lot is so large that a recall of it cannot be written down. */
export function addAmounts(a: Amounts, b: Amounts): Amounts {
  return { g: capped(a.g + b.g), count: capped(a.count + b.count) };
}

/** Never below zero, for sums that were capped. */
export function subtractAmounts(a: Amounts, b: Amounts): Amounts {
  return { g: Math.max(0, a.g - b.g), count: Math.max(0, a.count - b.count) };
}

export const NO_AMOUNTS: Amounts = { g: 0, count: 0 };

function capped(sum: number): number {
  return Math.min(sum, Number.MAX_SAFE_INTEGER);
}

/** Labelled and neither void nor missing: packed or, before the batch is closed, waiting for its label. */
function unitsAtHand({ count, activated, closed, voided, missing }: LabelBatch): number {
  return (closed ? activated : count) - voided - missing;
}

export interface Holdings {
  /** Throws `recalls/too-many-holders`. */
  add(lot: Lot): void;
  byHolder(): ReadonlyMap<string, Holding>;
}

/** Gathers the holders of the lots it is given, each lot once. Who holds nothing any more of a lot of his is named too, with zero. */
export function gatherHoldings(state: StateReader): Holdings {
  const holders = new Map<string, Holding>();
  const units = new Map<string, 'g' | 'count'>();

  function unitOf(gtin: string): 'g' | 'count' {
    const known = units.get(gtin) ?? getProduct(state, gtin)?.unit ?? 'g';
    units.set(gtin, known);
    return known;
  }

  return {
    add(lot) {
      const shares = new Map([[lot.holder, lot.left]]);
      for (let n = 0; lot.labelled > 0 && n < lot.batches; n++) {
        const name = state.get(labelListKey(lot.gtin, lot.lot, n)) as string;
        const batch = getLabelBatch(state, lot.gtin, lot.lot, name);
        if (batch === undefined) throw new Error(`recall: label batch ${name} is not there`);
        const amount = unitsAtHand(batch) * batch.net;
        shares.set(batch.holder, (shares.get(batch.holder) ?? 0) + amount);
      }
      const unit = unitOf(lot.gtin);
      for (const [holder, amount] of shares) {
        const before = holders.get(holder) ?? { lots: 0, due: NO_AMOUNTS };
        const due = addAmounts(before.due, { ...NO_AMOUNTS, [unit]: amount });
        holders.set(holder, { lots: before.lots + 1, due });
      }
      if (holders.size > RECALL_HOLDERS_MAX) {
        throw new AppError(
          'recalls/too-many-holders',
          `More than ${RECALL_HOLDERS_MAX} accounts hold lots of the scope; open several recalls with fewer seeds.`,
        );
      }
    },
    byHolder: () => holders,
  };
}
