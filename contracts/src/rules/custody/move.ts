// custody.move: goods change their place, not their holder. Under a recall too: what is set apart must be put somewhere
// (docs/formats.md §5, *lot*).

import Type from 'typebox';
import { requireNotInTransit } from '../lots/lot.ts';
import { recordedTime_ms, requireOwnPlace } from '../permissions.ts';
import { requirePlace } from '../places/place.ts';
import { Closed, Gln, Gtin, Text20, Time_ms } from '../schema.ts';
import { defineAction } from '../types.ts';
import { goodsWrite, requireAfterStay, requireHeldGoods, requireRoomToMove } from './goods.ts';

export const move = defineAction(
  Closed({
    gtin: Gtin,
    lot: Text20,
    batch: Type.Optional(Text20),
    place: Gln,
    time: Type.Optional(Time_ms),
  }),
  (state, p, ctx) => {
    const { place, time, ...id } = p;
    const goods = requireHeldGoods(state, id, ctx.signer.id);
    requireNotInTransit(goods.batch ?? goods.lot);
    requireOwnPlace(ctx, requirePlace(state, place), ctx.signer.id);
    const from = recordedTime_ms(ctx, time);
    requireAfterStay(goods, from);
    requireRoomToMove(goods, 1);
    return {
      writes: [goodsWrite(goods, { move: { place, holder: ctx.signer.id, from } })],
      events: [{ type: 'custody.moved', data: { ...id, place } }],
    };
  },
);
