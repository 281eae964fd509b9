// products: what is traced, under its GTIN, entered by an organisation that answers for it (docs/formats.md §5).

import Type from 'typebox';
import { AppError } from '../../errors.ts';
import { ADMITTING_ROLES, requireRole } from '../permissions.ts';
import { Closed, Gtin, Names } from '../schema.ts';
import { defineAction, type RuleModule } from '../types.ts';
import { getProduct, PRODUCT_CATEGORIES, PRODUCT_REGIMES, productKey } from './product.ts';

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
