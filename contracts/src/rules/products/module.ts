// products: what is traced, under its GTIN, entered by an organisation that answers for it (docs/formats.md §5).

import Type from 'typebox';
import { AppError } from '../../errors.ts';
import { PRODUCT_MAKERS_MAX } from '../../limits.ts';
import { ADMITTING_ROLES, requireRole } from '../permissions.ts';
import { AccountId, Closed, Gtin, Names } from '../schema.ts';
import { defineAction, type RuleModule } from '../types.ts';
import {
  getProduct,
  PRODUCT_CATEGORIES,
  PRODUCT_REGIMES,
  productKey,
  requireProduct,
} from './product.ts';

const Makers = Type.Array(AccountId, {
  minItems: 1,
  maxItems: PRODUCT_MAKERS_MAX,
  uniqueItems: true,
});

const register = defineAction(
  Closed({
    gtin: Gtin,
    name: Names,
    category: Type.Union(PRODUCT_CATEGORIES.map((category) => Type.Literal(category))),
    regime: Type.Union(PRODUCT_REGIMES.map((regime) => Type.Literal(regime))),
    unit: Type.Union([Type.Literal('g'), Type.Literal('count')]),
    makers: Type.Optional(Makers),
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

/** Sets who may make lots of a product from now on; lots that exist stay. */
const setMakers = defineAction(Closed({ gtin: Gtin, makers: Makers }), (state, p, ctx) => {
  requireRole(ctx, ADMITTING_ROLES);
  const product = requireProduct(state, p.gtin);
  return {
    writes: [{ key: productKey(p.gtin), value: { ...product, makers: p.makers } }],
    events: [{ type: 'products.makers-set', data: { gtin: p.gtin, by: ctx.signer.id } }],
  };
});

export const products: RuleModule = {
  name: 'products',
  version: 1,
  actions: { register, 'set-makers': setMakers },
};
