// What travels: the bulk of a lot, or a whole label batch of it, seen alike (docs/formats.md §5, *lot*, *label-batch*, *shipment*).

import { AppError } from '../../errors.ts';
import { MOVES_MAX } from '../../limits.ts';
import { type LabelBatch, labelWrite, liveUnits, requireLabelBatch } from '../labels/label.ts';
import { getLot, type Lot, lotWrite, type Move, placeOf } from '../lots/lot.ts';
import type { StateReader, StateWrite } from '../types.ts';

export interface GoodsId {
  readonly gtin: string;
  readonly lot: string;
  readonly batch?: string;
}

/** The bulk of `lot`, or `batch` of it. */
export interface Goods {
  readonly id: GoodsId;
  readonly lot: Lot;
  readonly batch: LabelBatch | undefined;
}

/** Throws `lots/unknown` or `labels/unknown-batch`. */
export function requireGoods(state: StateReader, id: GoodsId): Goods {
  const lot = getLot(state, id.gtin, id.lot);
  if (lot === undefined) {
    throw new AppError('lots/unknown', 'There is no such lot.', { gtin: id.gtin, lot: id.lot });
  }
  const batch =
    id.batch === undefined ? undefined : requireLabelBatch(state, id.gtin, id.lot, id.batch);
  return { id, lot, batch };
}

/** As `requireGoods`, and throws `lots/not-holder` when another account than `holder` holds them. */
export function requireHeldGoods(state: StateReader, id: GoodsId, holder: string): Goods {
  const goods = requireGoods(state, id);
  if (holderOf(goods) !== holder) {
    throw new AppError('lots/not-holder', 'The goods are held by another account.', {
      gtin: id.gtin,
      lot: id.lot,
    });
  }
  return goods;
}

export function holderOf({ lot, batch }: Goods): string {
  return (batch ?? lot).holder;
}

export function movesOf({ lot, batch }: Goods): readonly Move[] {
  return (batch ?? lot).moves;
}

/** A batch that never moved lies where the bulk of its lot lay at its issue. */
export function goodsPlace({ lot, batch }: Goods): string {
  if (batch === undefined) return placeOf(lot);
  const before = lot.moves.filter(({ from }) => from <= batch.issuedAt);
  return batch.moves.at(-1)?.place ?? placeOf({ place: lot.place, moves: before });
}

/** When they came where they lie. */
export function lastStay_ms({ lot, batch }: Goods): number {
  return (batch ?? lot).moves.at(-1)?.from ?? batch?.issuedAt ?? lot.since;
}

/** All that can travel now: what is left of a lot, or the live units of a batch. */
export function wholeOf({ lot, batch }: Goods): number {
  return batch === undefined ? lot.left : liveUnits(batch);
}

/** Throws `lots/too-many-moves` unless `more` further moves fit the record. */
export function requireRoomToMove(goods: Goods, more: number): void {
  if (movesOf(goods).length + more <= MOVES_MAX) return;
  throw new AppError(
    'lots/too-many-moves',
    `A record remembers ${MOVES_MAX} moves; split the lot, its parts begin anew.`,
    { gtin: goods.id.gtin, lot: goods.id.lot },
  );
}

/** Throws `lots/out-of-order` when the goods came where they lie after `time_ms`. */
export function requireAfterStay(goods: Goods, time_ms: number): void {
  if (time_ms >= lastStay_ms(goods)) return;
  throw new AppError(
    'lots/out-of-order',
    'The goods were made or moved after this time; check the clock.',
    { gtin: goods.id.gtin, lot: goods.id.lot },
  );
}

export interface GoodsChange {
  readonly move?: Move;
  /** `null` ends the journey. */
  readonly transit?: string | null;
  /** What arrived of `wholeOf`; the rest is missing. */
  readonly arrived?: number;
  /** When what arrived was weighed. */
  readonly weighed?: number;
}

/** The write of the goods after a journey began, moved on or ended. */
export function goodsWrite(goods: Goods, change: GoodsChange): StateWrite {
  const { lot, batch } = goods;
  const missing = wholeOf(goods) - Math.min(change.arrived ?? wholeOf(goods), wholeOf(goods));
  const moves = change.move === undefined ? movesOf(goods) : [...movesOf(goods), change.move];
  const holder = change.move?.holder ?? holderOf(goods);
  const { transit: before, ...record } = batch ?? lot;
  const transit = change.transit === undefined ? before : (change.transit ?? undefined);
  const moved = { holder, moves, ...(transit === undefined ? {} : { transit }) };
  if (batch !== undefined) {
    return labelWrite({ ...(record as LabelBatch), ...moved, missing: batch.missing + missing });
  }
  return lotWrite({
    ...(record as Lot),
    ...moved,
    left: lot.left - missing,
    lost: lot.lost + missing,
    weighed: change.weighed ?? lot.weighed,
  });
}
