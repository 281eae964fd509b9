// custody.ship: goods leave their holder for another's place; until he receives them they stay the sender's
// (docs/formats.md §5, *shipment*).

import Type from 'typebox';
import { AppError } from '../../errors.ts';
import { SHIPMENT_ITEMS_MAX } from '../../limits.ts';
import { getAccount } from '../accounts/record.ts';
import { requireNotRefuted } from '../cases/case.ts';
import { requireDocument } from '../documents/document.ts';
import { lotKey, requireNotInTransit } from '../lots/lot.ts';
import { recordedTime_ms } from '../permissions.ts';
import { requirePlace } from '../places/place.ts';
import { requireProduct } from '../products/product.ts';
import { requireNotRecalled } from '../recalls/recall.ts';
import { AccountId, Amount, Bytes, Closed, Gln, Gtin, Text20, Time_ms } from '../schema.ts';
import {
  defineAction,
  type Effects,
  type LedgerState,
  type RuleContext,
  type StateReader,
} from '../types.ts';
import {
  type Goods,
  goodsPlace,
  goodsWrite,
  requireAfterStay,
  requireHeldGoods,
  requireRoomToMove,
  wholeOf,
} from './goods.ts';
import { getShipment, type Shipment, shipmentKey, shipmentWrite } from './shipment.ts';

/** Documents that one shipment names: one a lot is enough. */
const DOCUMENTS_MAX = SHIPMENT_ITEMS_MAX;

export const ship = defineAction(
  Closed({
    shipment: Text20,
    to: AccountId,
    place: Gln,
    via: Type.Optional(Gln),
    items: Type.Array(
      Closed({ gtin: Gtin, lot: Text20, batch: Type.Optional(Text20), amount: Amount }),
      { minItems: 1, maxItems: SHIPMENT_ITEMS_MAX },
    ),
    documents: Type.Optional(Type.Array(Bytes(32), { maxItems: DOCUMENTS_MAX })),
    time: Type.Optional(Time_ms),
  }),
  (state, p, ctx) => {
    const goods = p.items.map((item) => requireHeldGoods(state, item, ctx.signer.id));
    const documents = p.documents ?? [];
    goods.forEach((one, i) => {
      requireNotRecalled(state, one.lot.gtin, one.lot.lot);
      requireNotRefuted(state, one.lot);
      requireWhole(one, p.items[i]?.amount ?? 0);
      requireConformity(state, ctx, one, documents);
    });
    return send(state, ctx, {
      id: p.shipment,
      kind: 'delivery',
      to: p.to,
      toPlace: p.place,
      via: p.via,
      goods,
      documents,
      shippedAt: recordedTime_ms(ctx, p.time),
    });
  },
);

export interface Sending {
  readonly id: string;
  readonly kind: Shipment['kind'];
  readonly to: string;
  readonly toPlace: string;
  readonly via: string | undefined;
  /** All held by the signer. */
  readonly goods: readonly Goods[];
  readonly documents: readonly Uint8Array[];
  readonly shippedAt: number;
  readonly reason?: string;
}

/**
 * Puts goods on their way whole. Throws `custody/exists`, `custody/own-goods`, `custody/no-receiver`, `custody/not-a-vehicle`,
 * `lots/named-twice`, `lots/other-place`, `lots/in-transit`, `lots/out-of-order`, `lots/too-many-moves` or `places/unknown`.
 */
export function send(state: StateReader, ctx: RuleContext, sending: Sending): Effects {
  const { id, kind, to, toPlace, via, goods, documents, shippedAt } = sending;
  const from = ctx.signer.id;
  if (getShipment(state, from, id) !== undefined) {
    throw new AppError('custody/exists', 'You have a shipment of this number; number it anew.', {
      shipment: id,
    });
  }
  requireReceiver(state, from, to, toPlace);
  if (via !== undefined && requirePlace(state, via).kind !== 'vehicle') {
    throw new AppError('custody/not-a-vehicle', 'Goods travel via a place of the kind vehicle.', {
      gln: via,
    });
  }
  const transit = shipmentKey(from, id);
  const writes = goods.map((one) => {
    requireNotInTransit({ ...one.id, ...transitOf(one) });
    requireAfterStay(one, shippedAt);
    // The last is kept free for the arrival, or for the way back.
    requireRoomToMove(one, via === undefined ? 1 : 2);
    const move = via === undefined ? {} : { move: { place: via, holder: from, from: shippedAt } };
    return goodsWrite(one, { transit, ...move });
  });
  if (new Set(writes.map(({ key }) => key)).size !== writes.length) {
    throw new AppError('lots/named-twice', 'Name each lot or batch of a shipment once.');
  }
  const shipment: Shipment = {
    id,
    from,
    to,
    kind,
    fromPlace: sharedPlace(goods),
    toPlace,
    ...(via === undefined ? {} : { via }),
    items: goods.map((one) => ({ ...one.id, amount: wholeOf(one) })),
    documents,
    status: 'in-transit',
    shippedAt,
    ...(sending.reason === undefined ? {} : { reason: sending.reason }),
    tx: ctx.txId,
  };
  return {
    writes: [shipmentWrite(shipment), ...writes],
    events: [
      { type: 'custody.shipped', data: { shipment: id, from, to, kind, items: goods.length } },
    ],
  };
}

function transitOf({ lot, batch }: Goods): { transit?: string } {
  const { transit } = batch ?? lot;
  return transit === undefined ? {} : { transit };
}

function requireReceiver(state: StateReader, from: string, to: string, toPlace: string): void {
  if (to === from) {
    throw new AppError('custody/own-goods', 'Between places of your own, move the goods.');
  }
  const receiver = getAccount(state, to);
  if (receiver?.status !== 'active' || requirePlace(state, toPlace).holder !== to) {
    throw new AppError(
      'custody/no-receiver',
      'The receiver needs an active account and must hold the place; ask him for his GLN.',
      { to, place: toPlace },
    );
  }
}

function sharedPlace(goods: readonly Goods[]): string {
  const [place = '', ...others] = new Set(goods.map(goodsPlace));
  if (others.length > 0) {
    throw new AppError('lots/other-place', 'The goods lie at different places; move them first.');
  }
  return place;
}

/** Throws `custody/not-packed` or `custody/split-first`. */
function requireWhole(goods: Goods, amount: number): void {
  const { batch } = goods;
  if (batch !== undefined && !batch.closed && batch.activated < batch.count) {
    throw new AppError(
      'custody/not-packed',
      'Labels of the batch are not on packs yet; activate the rest or close the batch.',
      { batch: batch.batch, activated: batch.activated, count: batch.count },
    );
  }
  const whole = wholeOf(goods);
  if (amount === whole) return;
  throw new AppError(
    'custody/split-first',
    `Goods travel whole: there are ${whole}, not ${amount}; split the lot first.`,
    { gtin: goods.lot.gtin, lot: goods.lot.lot, whole, asked: amount },
  );
}

/** A listed product leaves its producer with his own certificate about this very lot and all that is sent of it (MARA order 4/2025). */
function requireConformity(
  state: LedgerState,
  ctx: RuleContext,
  goods: Goods,
  documents: readonly Uint8Array[],
): void {
  const { lot, batch } = goods;
  const shipped = wholeOf(goods) * (batch?.net ?? 1);
  if (requireProduct(state, lot.gtin).listed !== true || ctx.signer.id !== lot.maker) return;
  const subject = lotKey(lot.gtin, lot.lot);
  const wanted = { kind: 'conformity', subject, time_ms: ctx.time_ms } as const;
  let refusal: unknown;
  for (const hash of documents) {
    try {
      const { issuer, conformity } = requireDocument(state, hash, wanted);
      if (issuer === lot.maker && (conformity?.amount ?? 0) >= shipped) return;
    } catch (error) {
      refusal = error;
    }
  }
  throw new AppError(
    'custody/conformity-needed',
    'The product leaves its producer with his certificate of conformity about this lot and as much as is sent; register one and name it.',
    { gtin: lot.gtin, lot: lot.lot, amount: shipped, documents: documents.length },
    refusal,
  );
}
