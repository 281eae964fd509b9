// From a lot back to its harvests: which lots, and which stays (docs/formats.md §8, step 7).

import { AppError } from '../errors.ts';
import { BUNDLE_LOTS_MAX } from '../limits.ts';
import type { LabelBatch } from '../rules/labels/label.ts';
import { getLot, type Lot, lotKey } from '../rules/lots/lot.ts';
import type { StateReader } from '../rules/types.ts';
import { type Stay, scannedStays, staysOf } from './stays.ts';

export interface Lineage {
  /** The scanned lot last; inputs before what was made of them. */
  readonly lots: readonly Lot[];
  /** In the order of the lots, those of one lot ascending. */
  readonly stays: readonly Stay[];
  /** Ancestors beyond the limit are left out. */
  readonly truncated: boolean;
}

function parents(state: StateReader, lot: Lot): Lot[] {
  return lot.inputs.map((input) => {
    const parent = getLot(state, input.gtin, input.lot);
    if (parent === undefined) {
      throw new AppError('lots/missing-ancestor', 'A lot of the chain is not shown.', {
        gtin: input.gtin,
        lot: input.lot,
      });
    }
    return parent;
  });
}

/**
 * The chain of `lot`, breadth first, until a lot's inputs would make it more than 64 lots. `head_ms` ends what lasts; with
 * `batch` the stays are those of its packs. Throws `lots/missing-ancestor` or `places/missing`.
 */
export function lineageOf(
  state: StateReader,
  lot: Lot,
  head_ms: number,
  batch?: LabelBatch,
): Lineage {
  const found = new Map<string, Lot>([[lotKey(lot.gtin, lot.lot), lot]]);
  const usedAt_ms = new Map<string, number>();
  let truncated = false;
  // A Map iterates over what is added on the way: a queue that remembers what it has seen.
  for (const child of found.values()) {
    const fresh = child.inputs.filter(({ gtin, lot: number }) => !found.has(lotKey(gtin, number)));
    if (found.size + fresh.length > BUNDLE_LOTS_MAX) {
      truncated = true;
      break;
    }
    for (const parent of parents(state, child)) {
      const key = lotKey(parent.gtin, parent.lot);
      found.set(key, parent);
      usedAt_ms.set(key, Math.max(usedAt_ms.get(key) ?? 0, child.since));
    }
  }
  // Ancestors first where times are equal: sorting is stable.
  const lots = [...found.values()]
    .reverse()
    .sort((a, b) => a.since - b.since || Number(a === lot) - Number(b === lot));
  const stays = lots.flatMap((each) =>
    each === lot
      ? scannedStays(state, lot, head_ms, batch)
      : staysOf(state, each, usedAt_ms.get(lotKey(each.gtin, each.lot)) ?? each.since),
  );
  return { lots, stays, truncated };
}
