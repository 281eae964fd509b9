// What every lot that enters the ledger has in common (docs/formats.md §5, *lot*).

import { AppError } from '../../errors.ts';
import { type Policy, policyAt, policyRef } from '../policies/policy.ts';
import { type Product, requireProduct } from '../products/product.ts';
import type { RuleContext, StateReader } from '../types.ts';
import { getLot, type Lot } from './lot.ts';

/** The product of a new lot, with the version of its policy that applies in this block. */
export interface Making {
  readonly product: Product;
  readonly policy: Policy | undefined;
}

/** Throws `products/unknown`, `lots/exists` or `policies/unknown`. */
export function requireNewLot(
  state: StateReader,
  ctx: RuleContext,
  gtin: string,
  lot: string,
): Making {
  const product = requireProduct(state, gtin);
  if (getLot(state, gtin, lot) !== undefined) {
    throw new AppError('lots/exists', 'A lot with this number exists; number it anew.', {
      gtin,
      lot,
    });
  }
  const policy =
    product.policy === undefined ? undefined : policyAt(state, product.policy, ctx.height);
  return { product, policy };
}

/** Throws `lots/not-a-maker` when the product names its makers and `maker` is none of them. */
export function requireMaker(product: Product, maker: string): void {
  if (product.makers === undefined || product.makers.includes(maker)) return;
  throw new AppError(
    'lots/not-a-maker',
    'The product names who may make it; ask its association.',
    { gtin: product.gtin, maker },
  );
}

/**
 * Throws `lots/no-policy` for a product with a mark to which no policy applies in this block: without quota and yields anything at all
 * could be called of the origin.
 */
export function requirePolicy({ product, policy }: Making): void {
  if (product.mark === undefined || policy !== undefined) return;
  throw new AppError(
    'lots/no-policy',
    `No policy applies to this product of the mark ${product.mark} yet; ask its steward to adopt one and name it.`,
    { gtin: product.gtin, mark: product.mark, policy: product.policy ?? null },
  );
}

/** What a new lot is made from: times, place and lineage, and what may be told about it. */
export type NewLot = Pick<
  Lot,
  'gtin' | 'lot' | 'made' | 'place' | 'since' | 'born' | 'process' | 'inputs'
> & {
  readonly maker?: string;
  readonly season?: string | undefined;
  readonly note?: string | undefined;
  readonly claimedAge_months?: number | undefined;
  readonly origin?: Lot['origin'];
  readonly document?: Uint8Array;
  readonly authorisation?: Uint8Array | undefined;
};

/** The record of a lot that the signer holds from now on, nothing of it used. */
export function newLot(ctx: RuleContext, making: Making, lot: NewLot): Lot {
  // Field by field: a spread of twenty is the dearest step of a harvest.
  const record: { -readonly [Field in keyof Lot]: Lot[Field] } = {
    gtin: lot.gtin,
    lot: lot.lot,
    maker: lot.maker ?? ctx.signer.id,
    holder: ctx.signer.id,
    made: lot.made,
    left: lot.made,
    labelled: 0,
    used: 0,
    lost: 0,
    destroyed: 0,
    weighed: lot.since,
    place: lot.place,
    since: lot.since,
    moves: [],
    born: lot.born,
    process: lot.process,
    inputs: lot.inputs,
    tx: ctx.txId,
    dependents: 0,
    batches: 0,
  };
  if (lot.season !== undefined) record.season = lot.season;
  if (lot.origin !== undefined) record.origin = lot.origin;
  if (making.policy !== undefined) record.policy = policyRef(making.policy);
  if (lot.document !== undefined) record.document = lot.document;
  if (lot.authorisation !== undefined) record.authorisation = lot.authorisation;
  if (lot.note !== undefined) record.note = lot.note;
  if (lot.claimedAge_months !== undefined) record.claimedAge_months = lot.claimedAge_months;
  return record;
}
