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
  const { maker, season, note, claimedAge_months, origin, document, authorisation, ...made } = lot;
  return {
    ...made,
    maker: maker ?? ctx.signer.id,
    holder: ctx.signer.id,
    left: made.made,
    labelled: 0,
    used: 0,
    lost: 0,
    destroyed: 0,
    weighed: made.since,
    moves: [],
    ...(season === undefined ? {} : { season }),
    ...(origin === undefined ? {} : { origin }),
    ...(making.policy === undefined ? {} : { policy: policyRef(making.policy) }),
    ...(document === undefined ? {} : { document }),
    ...(authorisation === undefined ? {} : { authorisation }),
    tx: ctx.txId,
    ...(note === undefined ? {} : { note }),
    ...(claimedAge_months === undefined ? {} : { claimedAge_months }),
    dependents: 0,
    batches: 0,
  };
}
