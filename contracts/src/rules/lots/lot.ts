// The record of a lot and the keys under which it and its descendants stand (docs/formats.md §5).

import type { CborObject, CborValue } from '../../encoding/types.ts';
import { AppError } from '../../errors.ts';
import type { StateReader, StateWrite } from '../types.ts';

export interface LotInput {
  readonly gtin: string;
  readonly lot: string;
  readonly amount: number;
}

export interface Lot {
  readonly gtin: string;
  readonly lot: string;
  readonly holder: string;
  /** What was harvested or came out of the transformation. */
  readonly made: number;
  /** Neither used as an input nor put under labels yet. */
  readonly left: number;
  readonly labelled: number;
  /** GLN of the place where it lies, `since` when. */
  readonly place: string;
  readonly since: number;
  readonly process: string;
  /** Empty for a harvest. */
  readonly inputs: readonly LotInput[];
  /** Id of the transaction that made it. */
  readonly tx: Uint8Array;
  readonly note?: string;
  readonly claimedAge_months?: number;
  /** Lots made from this one so far; the n-th stands under `dependents/…/{n}`. */
  readonly dependents: number;
}

export function lotKey(gtin: string, lot: string): string {
  return `lots/${gtin}/${encodeURIComponent(lot)}`;
}

export function dependentKey(gtin: string, lot: string, n: number): string {
  return `dependents/${gtin}/${encodeURIComponent(lot)}/${n}`;
}

/** A value that the rules wrote, as its type: only for values from a certified state. */
export function toLot(value: CborValue): Lot {
  return value as unknown as Lot;
}

export function lotWrite(lot: Lot): StateWrite {
  return { key: lotKey(lot.gtin, lot.lot), value: lot as unknown as CborObject };
}

export function getLot(state: StateReader, gtin: string, lot: string): Lot | undefined {
  const value = state.get(lotKey(gtin, lot));
  return value === undefined ? undefined : toLot(value);
}

/** Throws `lots/unknown`, or `lots/not-holder` when it is held by another account than `holder`. */
export function requireHeldLot(state: StateReader, gtin: string, lot: string, holder: string): Lot {
  const found = getLot(state, gtin, lot);
  if (found === undefined)
    throw new AppError('lots/unknown', 'There is no such lot.', { gtin, lot });
  if (found.holder !== holder) {
    throw new AppError('lots/not-holder', 'The lot is held by another account.', { gtin, lot });
  }
  return found;
}

/** The lot with `amount` of what is left used up. Throws `lots/insufficient-mass`, naming what is left. */
export function drawMass(lot: Lot, amount: number): Lot {
  if (amount > lot.left) {
    throw new AppError(
      'lots/insufficient-mass',
      `The lot has ${lot.left} g left, not ${amount} g.`,
      {
        gtin: lot.gtin,
        lot: lot.lot,
        left: lot.left,
        asked_g: amount,
      },
    );
  }
  return { ...lot, left: lot.left - amount };
}
