// From a lot back to its harvests: which lots, which stays, and which state keys show them. The server gathers by it and the
// verifier checks by it, so that neither can forget what the other needs.

import { AppError } from '../errors.ts';
import { BUNDLE_LOTS_MAX } from '../limits.ts';
import { accountKey } from '../rules/accounts/record.ts';
import { type LabelBatch, labelKey } from '../rules/labels/label.ts';
import { getLot, type Lot, lotKey } from '../rules/lots/lot.ts';
import { getPlace, type Place, placeKey } from '../rules/places/place.ts';
import { productKey } from '../rules/products/product.ts';
import type { StateReader } from '../rules/types.ts';

/** A lot lay at a place, from its making until the next lot of the chain was made of it, or until `end_ms`. */
export interface Stay {
  readonly lot: Lot;
  readonly place: Place;
  readonly from_ms: number;
  readonly to_ms: number;
}

export interface Lineage {
  /** The scanned lot last; inputs before what was made of them. */
  readonly lots: readonly Lot[];
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
 * The chain of `lot`, breadth first, until a lot's inputs would make it more than 64 lots. `end_ms` ends the stay of the lot itself: the issue of the scanned unit's
 * labels, or the head's time. Throws `lots/missing-ancestor` or `places/missing`.
 */
export function lineageOf(state: StateReader, lot: Lot, end_ms: number): Lineage {
  const found = new Map<string, Lot>([[lotKey(lot.gtin, lot.lot), lot]]);
  const usedAt_ms = new Map<string, number>([[lotKey(lot.gtin, lot.lot), end_ms]]);
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
  const stays = lots.map((each) => {
    const place = getPlace(state, each.place);
    if (place === undefined) {
      throw new AppError('places/missing', 'A place of the chain is not shown.', {
        gln: each.place,
      });
    }
    const to_ms = Math.max(each.since, usedAt_ms.get(lotKey(each.gtin, each.lot)) ?? each.since);
    return { lot: each, place, from_ms: each.since, to_ms };
  });
  return { lots, stays, truncated };
}

/** The state keys that show a lineage: lots, their products, places, holders and registrars. */
export function lineageKeys(lineage: Lineage): string[] {
  const keys = new Set<string>();
  for (const { lot, place } of lineage.stays) {
    keys.add(lotKey(lot.gtin, lot.lot));
    keys.add(productKey(lot.gtin));
    keys.add(placeKey(place.gln));
    keys.add(accountKey(lot.holder));
    keys.add(accountKey(place.registeredBy));
  }
  return [...keys].sort();
}

/** The state keys that show a label batch. */
export function labelBatchKeys(batch: LabelBatch): string[] {
  return [labelKey(batch.gtin, batch.lot, batch.batch), accountKey(batch.issuer)];
}
