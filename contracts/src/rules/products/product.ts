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
  /** The origin mark whose plots alone may feed it; there unless the regime is `none`. */
  readonly mark?: string;
  /** Id of the policy that its lots are judged by. */
  readonly policy?: string;
  /** Needs a 承诺达标合格证 when it leaves its producer. */
  readonly listed?: true;
  /** Products of one family are the stages of one good: its mass balance is one. */
  readonly family?: string;
  /** Accounts that may make lots of it; absent: every producer. */
  readonly makers?: readonly string[];
  readonly registeredBy: string;
}

/** An origin mark, protected as a geographical indication or a certification mark, and who grants it to plots. */
export interface Mark {
  readonly id: string;
  readonly name: { readonly zh: string; readonly en: string };
  readonly steward: string;
  readonly registeredBy: string;
}

export function markKey(id: string): string {
  return `marks/${id}`;
}

/** A value that the rules wrote, as its type: only for values from a certified state. */
export function toMark(value: CborValue): Mark {
  return value as unknown as Mark;
}

export function getMark(state: StateReader, id: string): Mark | undefined {
  const value = state.get(markKey(id));
  return value === undefined ? undefined : toMark(value);
}

/** Throws `products/unknown-mark`. */
export function requireMark(state: StateReader, id: string): Mark {
  const mark = getMark(state, id);
  if (mark === undefined) {
    throw new AppError(
      'products/unknown-mark',
      'There is no such mark; a regulator registers it.',
      {
        mark: id,
      },
    );
  }
  return mark;
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
