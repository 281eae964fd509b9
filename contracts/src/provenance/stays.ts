// Where a lot lay and when (docs/formats.md §8, *Stays*): first where it was made, then at each of its moves; for a unit on
// with the moves of its label batch.

import { AppError } from '../errors.ts';
import type { Shipment } from '../rules/custody/shipment.ts';
import type { LabelBatch } from '../rules/labels/label.ts';
import type { Lot, Move } from '../rules/lots/lot.ts';
import { getPlace, type Place } from '../rules/places/place.ts';
import type { StateReader } from '../rules/types.ts';

/** A lot lay at a place, in the hands of one account, until it went on, became other lots, or `to_ms` is as far as is known. */
export interface Stay {
  readonly lot: Lot;
  readonly place: Place;
  readonly holder: string;
  readonly from_ms: number;
  readonly to_ms: number;
}

/** A place that a lot or its packs came to. */
export interface Leg {
  readonly place: Place;
  readonly holder: string;
  readonly from_ms: number;
}

function legOf(state: StateReader, { place: gln, holder, from }: Move): Leg {
  const place = getPlace(state, gln);
  if (place === undefined) {
    throw new AppError('places/missing', 'A place of the chain is not shown.', { gln });
  }
  return { place, holder, from_ms: from };
}

/** The first leg, and the later ones that began before `end_ms`. Throws `places/missing`. */
export function legsOf(state: StateReader, lot: Lot, end_ms: number): Leg[] {
  const made = { place: lot.place, holder: lot.maker, from: lot.since };
  return [made, ...lot.moves.filter(({ from }) => from < end_ms)].map((m) => legOf(state, m));
}

/** The legs of the packs after their labels were issued. Throws `places/missing`. */
export function batchLegs(state: StateReader, batch: LabelBatch): Leg[] {
  return batch.moves.map((move) => legOf(state, move));
}

/**
 * When what travels left the place of its last leg, as far as its shipment shows: a vehicle that is itself the last leg is not
 * left yet. Where the shipment is not shown, the last leg is no evidence at all.
 */
function departed_ms(state: StateReader, transit: string | undefined, last: Leg): number {
  if (transit === undefined) return Number.POSITIVE_INFINITY;
  const shipment = state.get(transit) as Shipment | undefined;
  if (shipment === undefined) return last.from_ms;
  return shipment.via === last.place.gln ? Number.POSITIVE_INFINITY : shipment.shippedAt;
}

function toStays(lot: Lot, legs: readonly Leg[], end_ms: number): Stay[] {
  return legs.map((leg, i) => ({
    lot,
    ...leg,
    to_ms: Math.max(leg.from_ms, Math.min(end_ms, legs[i + 1]?.from_ms ?? end_ms)),
  }));
}

/** The stays of a lot of the chain until it was last used at `end_ms`. Throws `places/missing`. */
export function staysOf(state: StateReader, lot: Lot, end_ms: number): Stay[] {
  return toStays(lot, legsOf(state, lot, end_ms), end_ms);
}

/**
 * The stays of the scanned lot until the head's time; with `batch` those of its packs: at the lot's places until the first move
 * of the batch (without moves: until its issue), then at those of the batch. What lies in a shop is in no stay: there
 * the evidence ends. Throws `places/missing`.
 */
export function scannedStays(
  state: StateReader,
  lot: Lot,
  head_ms: number,
  batch: LabelBatch | undefined,
): Stay[] {
  if (batch === undefined) {
    const legs = legsOf(state, lot, head_ms);
    const left_ms = departed_ms(state, lot.transit, legs.at(-1) as Leg);
    return toStays(lot, legs, Math.min(head_ms, left_ms));
  }
  const before = legsOf(state, lot, batch.issuedAt);
  const after = batchLegs(state, batch);
  const last = after.at(-1) ?? (before.at(-1) as Leg);
  const left_ms = departed_ms(state, batch.transit, last);
  if (after.length === 0) {
    const end_ms = left_ms === Number.POSITIVE_INFINITY ? batch.issuedAt : left_ms;
    return toStays(lot, before, Math.max(end_ms, batch.issuedAt));
  }
  return [
    ...toStays(lot, before, after[0]?.from_ms ?? batch.issuedAt),
    ...toStays(lot, after, Math.min(head_ms, left_ms)).filter(({ place }) => place.kind !== 'shop'),
  ];
}
