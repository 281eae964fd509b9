// The record of a product (docs/formats.md §5).

import type { CborValue } from '../../encoding/types.ts';
import { AppError } from '../../errors.ts';
import type { StateReader } from '../types.ts';

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
  /** Accounts that may make lots of it; absent: every producer. */
  readonly makers?: readonly string[];
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
    throw new AppError(
      'products/unknown',
      'There is no such product; an association registers it first.',
      { gtin },
    );
  }
  return product;
}
