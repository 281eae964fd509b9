// places: plots, yards, warehouses, plants and vehicles under their GLN, and which origin marks were granted to them
// (docs/formats.md §5).

import Type from 'typebox';
import type { CborObject } from '../../encoding/types.ts';
import { AppError } from '../../errors.ts';
import { PLACE_MEMBERSHIPS_MAX } from '../../limits.ts';
import { requireAccount } from '../accounts/record.ts';
import { hasRole, requireHolderOrAdmitting } from '../permissions.ts';
import { requireMark } from '../products/product.ts';
import { AccountId, Bytes, Closed, Gln, Names, Slug, Time_ms } from '../schema.ts';
import { defineAction, type RuleModule } from '../types.ts';
import {
  getPlace,
  PLACE_KINDS,
  type Place,
  placeKey,
  requirePlace,
  withMembership,
} from './place.ts';

const register = defineAction(
  Closed({
    gln: Gln,
    kind: Type.Union(PLACE_KINDS.map((kind) => Type.Literal(kind))),
    name: Names,
    township: Names,
    area_mmu: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 10_000_000_000,
        description: 'of a plot, thousandths of a mu; 1 mu = 2000/3 m²',
      }),
    ),
    exact: Type.Optional(Bytes(32)),
    holder: AccountId,
  }),
  (state, p, ctx) => {
    requireHolderOrAdmitting(ctx, p.holder);
    requireAccount(state, p.holder);
    if (getPlace(state, p.gln) !== undefined) {
      throw new AppError('places/exists', 'A place with this GLN exists; use another GLN.', {
        gln: p.gln,
      });
    }
    const place: Place = { ...p, memberships: [], registeredBy: ctx.signer.id };
    return {
      writes: [{ key: placeKey(p.gln), value: place as unknown as CborObject }],
      events: [{ type: 'places.registered', data: { gln: p.gln, by: ctx.signer.id } }],
    };
  },
);

/** Grants a mark to a plot for harvests from `from` on, or until `to`; with the `from` of an earlier period it sets that one anew. */
const setMembership = defineAction(
  Closed({ gln: Gln, mark: Slug, from: Time_ms, to: Type.Optional(Time_ms) }),
  (state, p, ctx) => {
    const { steward } = requireMark(state, p.mark);
    if (ctx.signer.id !== steward && !hasRole(ctx.signer, ['regulator'])) {
      throw new AppError('places/not-steward', `Only ${steward} or a regulator grants this mark.`, {
        mark: p.mark,
      });
    }
    const place = requirePlace(state, p.gln);
    if (place.kind !== 'plot') {
      throw new AppError('places/not-a-plot', 'A mark is granted to plots, not to other places.', {
        gln: p.gln,
      });
    }
    if (p.to !== undefined && p.to <= p.from) {
      throw new AppError('places/bad-period', 'The grant must end after it begins.');
    }
    const { mark, from, to } = p;
    const memberships = withMembership(place.memberships, {
      mark,
      by: ctx.signer.id,
      from,
      ...(to === undefined ? {} : { to }),
    });
    if (memberships.length > PLACE_MEMBERSHIPS_MAX) {
      throw new AppError(
        'places/too-many-marks',
        'A plot remembers no more periods of marks than this.',
      );
    }
    const after: Place = { ...place, memberships };
    return {
      writes: [{ key: placeKey(p.gln), value: after as unknown as CborObject }],
      events: [
        { type: 'places.membership-set', data: { gln: p.gln, mark: p.mark, by: ctx.signer.id } },
      ],
    };
  },
);

export const places: RuleModule = {
  name: 'places',
  version: 1,
  actions: { register, 'set-membership': setMembership },
};
