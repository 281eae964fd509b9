// lots.return: goods go back to whom they came from, even under a recall (docs/formats.md §5, *shipment*).

import Type from 'typebox';
import { AppError } from '../../errors.ts';
import { getLot, type Lot } from '../lots/lot.ts';
import { getPlace } from '../places/place.ts';
import { Closed, Gln, Gtin, Reason, Text20 } from '../schema.ts';
import { defineAction, type StateReader } from '../types.ts';
import { type Goods, requireHeldGoods, wholeOf } from './goods.ts';
import { send } from './ship.ts';

/** How many splits are followed back to the one who delivered the whole. */
const SPLITS_MAX = 16;

export const returnGoods = defineAction(
  Closed({
    gtin: Gtin,
    lot: Text20,
    batch: Type.Optional(Text20),
    shipment: Text20,
    via: Type.Optional(Gln),
    reason: Reason,
  }),
  (state, p, ctx) => {
    const { shipment, via, reason, ...id } = p;
    const goods = requireHeldGoods(state, id, ctx.signer.id);
    if (wholeOf(goods) === 0) {
      throw new AppError('custody/nothing-left', 'Nothing of it is left to return.', {
        gtin: p.gtin,
        lot: p.lot,
      });
    }
    const origin = cameFrom(state, goods);
    if (origin === undefined) {
      throw new AppError(
        'custody/never-received',
        'Nobody delivered these goods to you as they are.',
        {
          gtin: p.gtin,
          lot: p.lot,
        },
      );
    }
    return send(state, ctx, {
      id: shipment,
      kind: 'return',
      to: origin.holder,
      toPlace: origin.place,
      via,
      goods: [goods],
      documents: [],
      shippedAt: ctx.time_ms,
      reason,
    });
  },
);

interface Stay {
  readonly holder: string;
  readonly place: string;
}

/** Who delivered them to the one that holds them, and where they lay with him. */
function cameFrom(state: StateReader, { lot, batch }: Goods): Stay | undefined {
  const stays =
    batch === undefined
      ? lotStays(state, lot, Number.MAX_SAFE_INTEGER)
      : [
          ...lotStays(state, lot, batch.issuedAt),
          { holder: batch.issuer, place: lot.place },
          ...batch.moves,
        ];
  // Goods that came back are with him again as if they had never left.
  const path: Stay[] = [];
  for (const stay of stays) {
    const known = path.findIndex(({ holder }) => holder === stay.holder);
    if (known === -1) path.push(stay);
    else path.splice(known, path.length, isHome(state, stay) ? stay : (path[known] ?? stay));
  }
  return path.at(-2);
}

/** A place of the holder's that stays where it is: a vehicle of somebody else's carried them only. */
function isHome(state: StateReader, { holder, place }: Stay): boolean {
  const found = getPlace(state, place);
  return found?.holder === holder && found.kind !== 'vehicle';
}

/** Where the goods of a lot lay until `until_ms`, oldest first; the parts of a split were delivered as the whole was. */
function lotStays(state: StateReader, lot: Lot, until_ms: number, splits = SPLITS_MAX): Stay[] {
  const [input] = lot.inputs;
  const whole =
    lot.process === 'split' && input !== undefined && splits > 0
      ? getLot(state, input.gtin, input.lot)
      : undefined;
  const delivered =
    lot.origin === undefined ? [] : [{ holder: lot.origin.grower, place: lot.origin.plot }];
  const before = whole === undefined ? delivered : lotStays(state, whole, lot.since, splits - 1);
  const moves = lot.moves.filter(({ from }) => from <= until_ms);
  return [...before, { holder: firstHolder(state, lot), place: lot.place }, ...moves];
}

/** A split or merged lot keeps the maker of what it was made from; it lay with the holder of the place. */
function firstHolder(state: StateReader, lot: Lot): string {
  const renumbered = lot.process === 'split' || lot.process === 'merge';
  return (renumbered ? getPlace(state, lot.place)?.holder : undefined) ?? lot.maker;
}
