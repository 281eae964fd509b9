// How a journey ends: custody.receive, custody.refuse by the receiver, custody.cancel by the sender (docs/formats.md §5, *shipment*).

import Type from 'typebox';
import { AppError } from '../../errors.ts';
import { AMOUNT_MAX, SHIPMENT_ITEMS_MAX } from '../../limits.ts';
import { recordedTime_ms } from '../permissions.ts';
import { type Arrived, handOver } from '../recalls/hand-over.ts';
import { AccountId, Closed, Gtin, Reason, Text20, Time_ms } from '../schema.ts';
import { defineAction, type Effects, type RuleContext, type StateReader } from '../types.ts';
import { goodsWrite, requireAfterStay, requireGoods, wholeOf } from './goods.ts';
import { getShipment, type Shipment, type ShipmentItem, shipmentWrite } from './shipment.ts';

export const receive = defineAction(
  Closed({
    from: AccountId,
    shipment: Text20,
    items: Type.Array(
      Closed({
        gtin: Gtin,
        lot: Text20,
        batch: Type.Optional(Text20),
        amount: Type.Integer({ minimum: 0, maximum: AMOUNT_MAX, description: 'what arrived' }),
        reason: Type.Optional(Reason),
      }),
      { minItems: 1, maxItems: SHIPMENT_ITEMS_MAX },
    ),
    time: Type.Optional(Time_ms),
  }),
  (state, p, ctx) => {
    const shipment = requireTravelling(state, p.from, p.shipment);
    requireParty(ctx, shipment.to);
    const at = recordedTime_ms(ctx, p.time);
    const items = shipment.items.map((sent) => arrivalOf(sent, p.items));
    if (p.items.length !== items.length) throw otherItems();
    if (at < shipment.shippedAt) {
      throw new AppError('lots/out-of-order', 'The goods left after this time; check the clock.', {
        shipment: shipment.id,
      });
    }
    const arrived: Arrived[] = [];
    const writes = items.map((item) => {
      const goods = requireGoods(state, item);
      requireAfterStay(goods, at);
      const amount = Math.min(item.received, wholeOf(goods)) * (goods.batch?.net ?? 1);
      arrived.push({ gtin: item.gtin, lot: item.lot, amount });
      return goodsWrite(goods, {
        move: { place: shipment.toPlace, holder: shipment.to, from: at },
        transit: null,
        arrived: item.received,
        weighed: at,
      });
    });
    const ended: Shipment = { ...shipment, items, status: 'received', endedAt: at };
    const differences = items.filter(({ amount, received }) => amount !== received).length;
    return {
      writes: [shipmentWrite(ended), ...writes, ...handOver(state, shipment, arrived)],
      events: [
        {
          type: 'custody.received',
          data: { shipment: shipment.id, from: shipment.from, to: shipment.to, differences },
        },
      ],
    };
  },
);

export const refuse = defineAction(
  Closed({ from: AccountId, shipment: Text20, reason: Reason }),
  (state, p, ctx) => {
    const shipment = requireTravelling(state, p.from, p.shipment);
    requireParty(ctx, shipment.to);
    return turnBack(state, ctx, shipment, 'refused', p.reason);
  },
);

export const cancel = defineAction(
  Closed({ shipment: Text20, reason: Reason }),
  (state, p, ctx) => {
    const shipment = requireTravelling(state, ctx.signer.id, p.shipment);
    return turnBack(state, ctx, shipment, 'cancelled', p.reason);
  },
);

/** The goods are the sender's all along; where a vehicle carried them, it brings them back. */
function turnBack(
  state: StateReader,
  ctx: RuleContext,
  shipment: Shipment,
  status: 'refused' | 'cancelled',
  reason: string,
): Effects {
  const { from, fromPlace, via } = shipment;
  const writes = shipment.items.map((item) => {
    const goods = requireGoods(state, item);
    const back = { place: fromPlace, holder: from, from: ctx.time_ms };
    return goodsWrite(goods, { transit: null, ...(via === undefined ? {} : { move: back }) });
  });
  return {
    writes: [shipmentWrite({ ...shipment, status, endedAt: ctx.time_ms, reason }), ...writes],
    events: [
      { type: `custody.${status}`, data: { shipment: shipment.id, from, to: shipment.to, reason } },
    ],
  };
}

type Arrival = ShipmentItem & { readonly received: number };

function arrivalOf(
  sent: ShipmentItem,
  arrived: readonly Pick<ShipmentItem, 'gtin' | 'lot' | 'batch' | 'amount' | 'reason'>[],
): Arrival {
  const same = arrived.filter(
    ({ gtin, lot, batch }) => gtin === sent.gtin && lot === sent.lot && batch === sent.batch,
  );
  const [item] = same;
  if (item === undefined || same.length > 1) throw otherItems();
  if (item.amount !== sent.amount && item.reason === undefined) {
    throw new AppError(
      'custody/reason-needed',
      `${sent.amount} were sent and ${item.amount} arrived: say why.`,
      { gtin: sent.gtin, lot: sent.lot, sent: sent.amount, arrived: item.amount },
    );
  }
  return {
    ...sent,
    received: item.amount,
    ...(item.reason === undefined ? {} : { reason: item.reason }),
  };
}

function requireTravelling(state: StateReader, from: string, id: string): Shipment {
  const shipment = getShipment(state, from, id);
  if (shipment === undefined) {
    throw new AppError('custody/unknown', 'The sender has no such shipment.', {
      from,
      shipment: id,
    });
  }
  if (shipment.status !== 'in-transit') {
    throw new AppError('custody/not-in-transit', `The shipment is ${shipment.status} already.`, {
      shipment: id,
      status: shipment.status,
    });
  }
  return shipment;
}

function requireParty(ctx: RuleContext, receiver: string): void {
  if (ctx.signer.id === receiver) return;
  throw new AppError('custody/not-the-receiver', 'The shipment is bound for another account.', {
    to: receiver,
  });
}

function otherItems(): AppError {
  return new AppError(
    'custody/other-items',
    'Name every item of the shipment once, and no others; for what did not arrive give 0.',
  );
}
