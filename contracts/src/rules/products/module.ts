// products: what is traced, under its GTIN, entered by an organisation that answers for it (docs/formats.md §5).

import Type from 'typebox';
import { AppError } from '../../errors.ts';
import type { CborValue } from '../../encoding/types.ts';
import { ADMITTING_ROLES, requireRole } from '../permissions.ts';
import { Closed, Gtin, Names } from '../schema.ts';
import { defineAction, type RuleModule, type StateReader } from '../types.ts';

export const PRODUCT_CATEGORIES = [
  'farm-product',
  'food',
  'drug',
  'agricultural-input',
  'special-equipment',
] as const;
/** Geographical-indication product, certification mark, both or neither. */
export const PRODUCT_REGIMES = ['gi', 'mark', 'both', 'none'] as const;

export interface Product {
  readonly gtin: string;
  readonly name: { readonly zh: string; readonly en: string };
  readonly category: (typeof PRODUCT_CATEGORIES)[number];
  readonly regime: (typeof PRODUCT_REGIMES)[number];
  readonly unit: 'g' | 'count';
  readonly registeredBy: string;
}

export function productKey(gtin: string): string {
  return `products/${gtin}`;
}

/** A value that the rules wrote, as its type: only for values from a certified state. */
export function toProduct(value: CborValue): Product {
  return value as unknown as Product;
}

export function getProduct(state: StateReader, gtin: string): Product | undefined {
  const value = state.get(productKey(gtin));
  return value === undefined ? undefined : toProduct(value);
}

/** Throws `products/unknown`. */
export function requireProduct(state: StateReader, gtin: string): Product {
  const product = getProduct(state, gtin);
  if (product === undefined) {
    throw new AppError('products/unknown', 'There is no such product; an association registers it first.', { gtin });
  }
  return product;
}

const register = defineAction(
  Closed({
    gtin: Gtin,
    name: Names,
    category: Type.Union(PRODUCT_CATEGORIES.map((category) => Type.Literal(category))),
    regime: Type.Union(PRODUCT_REGIMES.map((regime) => Type.Literal(regime))),
    unit: Type.Union([Type.Literal('g'), Type.Literal('count')]),
  }),
  (state, p, ctx) => {
    requireRole(ctx, ADMITTING_ROLES);
    if (getProduct(state, p.gtin) !== undefined) {
      throw new AppError('products/exists', 'A product with this GTIN exists.', { gtin: p.gtin });
    }
    return {
      writes: [{ key: productKey(p.gtin), value: { ...p, registeredBy: ctx.signer.id } }],
      events: [{ type: 'products.registered', data: { gtin: p.gtin, by: ctx.signer.id } }],
    };
  },
);

export const products: RuleModule = { name: 'products', version: 1, actions: { register } };
