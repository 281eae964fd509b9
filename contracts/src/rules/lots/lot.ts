// The record of a lot and the keys under which it and its descendants stand (docs/formats.md §5).

import type { CborObject, CborValue } from '../../encoding/types.ts';
import { AppError } from '../../errors.ts';
import type { PolicyRef } from '../policies/policy.ts';
import type { StateReader, StateWrite } from '../types.ts';

export interface LotInput {
  readonly gtin: string;
  readonly lot: string;
  readonly amount: number;
}

/** A later stay: from when it lay at the place, and who held it. */
export interface Move {
  readonly place: string;
  readonly holder: string;
  readonly from: number;
}

/** `made` = `left` + `labelled` + `used` + `lost` + `destroyed`, in the unit of the product, at all times. */
export interface Lot {
  readonly gtin: string;
  readonly lot: string;
  /** Who made it, and who holds what is left in bulk. */
  readonly maker: string;
  readonly holder: string;
  /** What was harvested or came out of the transformation. */
  readonly made: number;
  /** In bulk: neither used nor labelled, lost or destroyed. */
  readonly left: number;
  readonly labelled: number;
  /** Became other lots, or was left behind in making them. */
  readonly used: number;
  /** Dried away while it lay, or missing on arrival. */
  readonly lost: number;
  readonly destroyed: number;
  /** When `left` was last known by weight. */
  readonly weighed: number;
  /** GLN of the place where it was made, `since` when; then it lay at those of `moves`. */
  readonly place: string;
  readonly since: number;
  readonly moves: readonly Move[];
  /** State key of the shipment that it travels with. */
  readonly transit?: string;
  /** When the youngest of it was harvested. */
  readonly born: number;
  readonly process: string;
  /** Empty for a harvest, a purchase and an opening balance. */
  readonly inputs: readonly LotInput[];
  readonly season?: string;
  /** Of a purchase: whose fruit, from which plot, and the id of the grower's signed consent or null. */
  readonly origin?: {
    readonly grower: string;
    readonly plot: string;
    readonly consent: Uint8Array | null;
  };
  /** The policy that it was made under. */
  readonly policy?: PolicyRef;
  /** The dispute about its origin, as long as it is not dismissed. */
  readonly case?: string;
  /** Of an opening balance: the audit. */
  readonly document?: Uint8Array;
  /** Of an opening balance under a mark: the word of who answers for the mark. */
  readonly authorisation?: Uint8Array;
  /** Id of the transaction that made it. */
  readonly tx: Uint8Array;
  readonly note?: string;
  readonly claimedAge_months?: number;
  /** Lots made from this one so far; the n-th stands under `dependents/…/{n}`. */
  readonly dependents: number;
  /** Label batches so far; the n-th is named under `label-list/…/{n}`. */
  readonly batches: number;
}

/** Where it lies now, by its record: the last move, or the place of its making. */
export function placeOf(lot: Pick<Lot, 'place' | 'moves'>): string {
  return lot.moves.at(-1)?.place ?? lot.place;
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

/** When its last recorded stay began: what happens to it later is not recorded as earlier. */
export function lastMoved_ms(lot: Pick<Lot, 'since' | 'moves'>): number {
  return lot.moves.at(-1)?.from ?? lot.since;
}

/**
 * The lot with `amount` taken from what is left; the caller adds it to `labelled`, `used`, `lost` or `destroyed`. Throws
 * `lots/insufficient-mass`, naming what is left.
 */
export function drawMass(lot: Lot, amount: number): Lot {
  if (amount > lot.left) {
    throw new AppError('lots/insufficient-mass', `The lot has ${lot.left} left, not ${amount}.`, {
      gtin: lot.gtin,
      lot: lot.lot,
      left: lot.left,
      asked: amount,
    });
  }
  return { ...lot, left: lot.left - amount };
}

/** Throws `lots/in-transit` while the lot, or the label batch, travels. */
export function requireNotInTransit(goods: {
  readonly gtin: string;
  readonly lot: string;
  readonly transit?: string;
}): void {
  if (goods.transit === undefined) return;
  throw new AppError(
    'lots/in-transit',
    'The goods travel; wait until the shipment is received, refused or cancelled.',
    { gtin: goods.gtin, lot: goods.lot, shipment: goods.transit },
  );
}
