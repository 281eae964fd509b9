// The record of a place (docs/formats.md §5).

import type { CborValue } from '../../encoding/types.ts';
import { AppError } from '../../errors.ts';
import type { StateReader } from '../types.ts';

export const PLACE_KINDS = [
  'plot',
  'yard',
  'warehouse',
  'plant',
  'vehicle',
  'shop',
  'laboratory',
] as const;

export interface Membership {
  readonly mark: string;
  readonly by: string;
  readonly from: number;
  readonly to?: number;
}

export interface Place {
  readonly gln: string;
  readonly kind: (typeof PLACE_KINDS)[number];
  readonly name: { readonly zh: string; readonly en: string };
  readonly township: { readonly zh: string; readonly en: string };
  /** Of a plot, thousandths of a mu (1 mu = 2000/3 m²). */
  readonly area_mmu?: number;
  /** 32 bytes: commitment to the exact position, see `positionCommitment`. */
  readonly exact?: Uint8Array;
  /** The origin marks whose stewards granted it, with the time of harvest covered. */
  readonly memberships: readonly Membership[];
  readonly holder: string;
  readonly registeredBy: string;
}

export function placeKey(gln: string): string {
  return `places/${gln}`;
}

/** A value that the rules wrote, as its type: only for values from a certified state. */
export function toPlace(value: CborValue): Place {
  return value as unknown as Place;
}

export function getPlace(state: StateReader, gln: string): Place | undefined {
  const value = state.get(placeKey(gln));
  return value === undefined ? undefined : toPlace(value);
}

/** Throws `places/unknown`. */
export function requirePlace(state: StateReader, gln: string): Place {
  const place = getPlace(state, gln);
  if (place === undefined)
    throw new AppError('places/unknown', 'There is no such place; register it first.', { gln });
  return place;
}

/**
 * The periods with one more. A period that begins when one of its mark does sets that one anew, and so ends or extends it; periods of
 * one mark and grantor that overlap or touch become one; every other stays, for harvests of its time rest on it.
 */
export function withMembership(periods: readonly Membership[], added: Membership): Membership[] {
  const { mark, by } = added;
  const ends = ({ to }: Membership) => to ?? Number.POSITIVE_INFINITY;
  const others: Membership[] = [];
  const same: Membership[] = [added];
  for (const period of periods) {
    if (period.mark === mark && period.from === added.from) continue;
    (period.mark === mark && period.by === by ? same : others).push(period);
  }
  same.sort((a, b) => a.from - b.from);
  const merged: Membership[] = [];
  for (const period of same) {
    const last = merged.at(-1);
    if (last === undefined || ends(last) < period.from) merged.push(period);
    else if (ends(period) > ends(last)) {
      merged.pop();
      const { to: _, ...open } = last;
      merged.push(period.to === undefined ? open : { ...open, to: period.to });
    }
  }
  return [...others, ...merged];
}
