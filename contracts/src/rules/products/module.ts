// products: what is traced, under its GTIN, and the origin marks that protect some of it, entered by an organisation that
// answers for it (docs/formats.md §5).

import Type from 'typebox';
import type { CborObject } from '../../encoding/types.ts';
import { AppError } from '../../errors.ts';
import { PRODUCT_MAKERS_MAX } from '../../limits.ts';
import { requireAccount } from '../accounts/record.ts';
import { ADMITTING_ROLES, hasRole, requireRole } from '../permissions.ts';
import { getPolicyHead } from '../policies/policy.ts';
import { AccountId, Closed, Gtin, Names, Slug } from '../schema.ts';
import { defineAction, type RuleContext, type RuleModule, type StateReader } from '../types.ts';
import {
  getMark,
  getProduct,
  markKey,
  PRODUCT_CATEGORIES,
  PRODUCT_REGIMES,
  type Product,
  productKey,
  requireMark,
  requireProduct,
} from './product.ts';

const Makers = Type.Array(AccountId, {
  minItems: 1,
  maxItems: PRODUCT_MAKERS_MAX,
  uniqueItems: true,
});

function requirePolicy(state: StateReader, id: string | undefined): void {
  if (id !== undefined && getPolicyHead(state, id) === undefined) {
    throw new AppError('policies/unknown', 'There is no such policy; adopt it first.', { id });
  }
}

/** Who may change a product: the steward of its mark, or whoever registered it, or a regulator. */
function requireInCharge(state: StateReader, product: Product, ctx: RuleContext): void {
  const steward = product.mark === undefined ? undefined : getMark(state, product.mark)?.steward;
  const owner = steward ?? product.registeredBy;
  if (ctx.signer.id !== owner && !hasRole(ctx.signer, ['regulator'])) {
    throw new AppError('products/not-in-charge', `Only ${owner} or a regulator may do this.`, {
      gtin: product.gtin,
    });
  }
}

const register = defineAction(
  Closed({
    gtin: Gtin,
    name: Names,
    category: Type.Union(PRODUCT_CATEGORIES.map((category) => Type.Literal(category))),
    regime: Type.Union(PRODUCT_REGIMES.map((regime) => Type.Literal(regime))),
    unit: Type.Union([Type.Literal('g'), Type.Literal('count')]),
    mark: Type.Optional(Slug),
    policy: Type.Optional(Slug),
    listed: Type.Optional(Type.Literal(true)),
    family: Type.Optional(Slug),
    makers: Type.Optional(Makers),
  }),
  (state, p, ctx) => {
    requireRole(ctx, ADMITTING_ROLES);
    if (getProduct(state, p.gtin) !== undefined) {
      throw new AppError('products/exists', 'A product with this GTIN exists.', { gtin: p.gtin });
    }
    if ((p.regime === 'none') !== (p.mark === undefined)) {
      throw new AppError(
        'products/mark-needed',
        'A product of a protected origin names its mark; one without protection names none.',
        { regime: p.regime },
      );
    }
    // Under a mark only its steward lets products in: the mark is what is sold by those who abuse it.
    if (p.mark !== undefined) requireSteward(state, p.mark, ctx);
    requirePolicy(state, p.policy);
    return {
      writes: [{ key: productKey(p.gtin), value: { ...p, registeredBy: ctx.signer.id } }],
      events: [{ type: 'products.registered', data: { gtin: p.gtin, by: ctx.signer.id } }],
    };
  },
);

function requireSteward(state: StateReader, mark: string, ctx: RuleContext): void {
  const { steward } = requireMark(state, mark);
  if (ctx.signer.id !== steward && !hasRole(ctx.signer, ['regulator'])) {
    throw new AppError('products/not-steward', `Only ${steward} or a regulator grants this mark.`, {
      mark,
    });
  }
}

const registerMark = defineAction(
  Closed({ mark: Slug, name: Names, steward: AccountId }),
  (state, p, ctx) => {
    requireRole(ctx, ['regulator', 'bureau']);
    requireAccount(state, p.steward);
    if (getMark(state, p.mark) !== undefined) {
      throw new AppError('products/mark-exists', 'A mark with this id exists.', { mark: p.mark });
    }
    const { mark: id, name, steward } = p;
    return {
      writes: [{ key: markKey(id), value: { id, name, steward, registeredBy: ctx.signer.id } }],
      events: [{ type: 'products.mark-registered', data: { mark: id, by: ctx.signer.id } }],
    };
  },
);

function changed(product: Product, change: CborObject, type: string, by: string) {
  return {
    writes: [{ key: productKey(product.gtin), value: { ...product, ...change } }],
    events: [{ type, data: { gtin: product.gtin, by } }],
  };
}

/** Sets who may make lots of a product from now on; lots that exist stay. */
const setMakers = defineAction(Closed({ gtin: Gtin, makers: Makers }), (state, p, ctx) => {
  requireRole(ctx, ADMITTING_ROLES);
  const product = requireProduct(state, p.gtin);
  requireInCharge(state, product, ctx);
  return changed(product, { makers: p.makers }, 'products.makers-set', ctx.signer.id);
});

/** Sets by which policy lots are judged from now on; lots that exist name theirs. */
const setPolicy = defineAction(Closed({ gtin: Gtin, policy: Slug }), (state, p, ctx) => {
  requireRole(ctx, ADMITTING_ROLES);
  const product = requireProduct(state, p.gtin);
  requireInCharge(state, product, ctx);
  requirePolicy(state, p.policy);
  return changed(product, { policy: p.policy }, 'products.policy-set', ctx.signer.id);
});

export const products: RuleModule = {
  name: 'products',
  version: 1,
  actions: {
    register,
    'register-mark': registerMark,
    'set-makers': setMakers,
    'set-policy': setPolicy,
  },
};
