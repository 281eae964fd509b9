// How the ledger's own things are named in EPCIS events: keys of GS1 as Digital Links, what has no such key as URN, files by
// their hash (RFC 6920). None of them names a host: every node gives an event the same id.

import { bytesToBase64url, bytesToHex } from '../../../encoding/bytes.ts';
import type { CborObject } from '../../../encoding/types.ts';
import type { LedgerEvent } from '../../../ledger/block.ts';
import { getProduct } from '../../../rules/products/product.ts';
import type { StateReader } from '../../../rules/types.ts';
import { goodsLink, placeLink } from '../ids.ts';
import type { EpcisQuantity, JsonValue } from '../types.ts';

/** What the prefix `suyuan` stands for in our events. */
export const SUYUAN_NAMESPACE = 'urn:suyuan:epcis:';

/** The `@context` of our events. */
export const LEDGER_LD_CONTEXT: readonly JsonValue[] = [
  'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld',
  { suyuan: SUYUAN_NAMESPACE },
];

/** An accepted transaction, or one call of a `batch.run`. */
export interface LedgerTx {
  /** 32 bytes. */
  readonly chainId: Uint8Array;
  /** 32 bytes. */
  readonly txId: Uint8Array;
  readonly height: number;
  /** The block's time. */
  readonly time_ms: number;
  /** Account id. */
  readonly signer: string;
  readonly module: string;
  readonly action: string;
  /** As its rule accepted it. */
  readonly payload: CborObject;
  /** 16 bytes, used once by the signer, for ever. */
  readonly idempotencyKey: Uint8Array;
  /** Those of the receipt. */
  readonly events: readonly LedgerEvent[];
}

/** What an action says in EPCIS, without what all our events have. */
export interface Draft {
  /** When it happened; absent: the block's time. */
  readonly time_ms?: number;
  /** About goods, so that readings of where they lay belong to it. */
  readonly goods: boolean;
  readonly fields: Readonly<Record<string, JsonValue>>;
}

/** The events of one action. `state` is that after the block or a later one: only what never changes is read of it. */
export type Mapping<Payload> = (
  payload: Payload,
  tx: LedgerTx,
  state: StateReader,
) => readonly Draft[];

export interface GoodsRef {
  readonly gtin: string;
  readonly lot: string;
  /** A label batch of the lot: its amounts are units. */
  readonly batch?: string;
}

/** No more than the block's time, which the rules record for a time ahead of it. */
export const recorded = (tx: LedgerTx, given_ms: number | undefined): number =>
  Math.min(given_ms ?? tx.time_ms, tx.time_ms);

export const accountUrn = (tx: LedgerTx, id: string): string =>
  `urn:suyuan:${bytesToHex(tx.chainId)}:account:${id}`;

export const shipmentUrn = (tx: LedgerTx, from: string, id: string): string =>
  `urn:suyuan:${bytesToHex(tx.chainId)}:shipment:${from}:${encodeURIComponent(id)}`;

/** A document by the SHA-256 of its file. */
export const documentUri = (hash: Uint8Array): string => `ni:///sha-256;${bytesToBase64url(hash)}`;

/** `certificationInfo` of documents, nothing of none. */
export function certified(
  documents: readonly (Uint8Array | undefined)[],
): Readonly<Record<string, JsonValue>> {
  const uris = documents.filter((hash) => hash !== undefined).map(documentUri);
  return uris.length === 0 ? {} : { certificationInfo: uris };
}

/** So much of a lot: kilograms or pieces as its product says, of a label batch always pieces. */
export function quantityOf(state: StateReader, goods: GoodsRef, amount: number): JsonValue {
  const epcClass = goodsLink(goods.gtin, goods.lot);
  const isMass = goods.batch === undefined && getProduct(state, goods.gtin)?.unit !== 'count';
  const quantity: EpcisQuantity = isMass
    ? { epcClass, quantity: amount / 1000, uom: 'KGM' }
    : { epcClass, quantity: amount };
  return { ...quantity };
}

/** A lot without saying how much of it. */
export const classOf = ({ gtin, lot }: GoodsRef): JsonValue => ({ epcClass: goodsLink(gtin, lot) });

/** Where something happens and where it is afterwards. */
export const at = (gln: string): Readonly<Record<string, JsonValue>> => ({
  readPoint: { id: placeLink(gln) },
  bizLocation: { id: placeLink(gln) },
});

/** Fields of our own, without those that are undefined. */
export function own(
  fields: Readonly<Record<string, JsonValue | undefined>>,
): Readonly<Record<string, JsonValue>> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) =>
      value === undefined ? [] : [[`suyuan:${name}`, value]],
    ),
  );
}
