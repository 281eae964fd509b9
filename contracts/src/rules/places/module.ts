// places: plots, yards, warehouses, plants and vehicles under their GLN (docs/formats.md §5).

import Type from 'typebox';
import { AppError } from '../../errors.ts';
import { getAccount } from '../accounts/record.ts';
import { requireHolderOrAdmitting } from '../permissions.ts';
import { AccountId, Closed, Gln, Names } from '../schema.ts';
import { defineAction, type RuleModule } from '../types.ts';
import { getPlace, PLACE_KINDS, placeKey } from './place.ts';

const register = defineAction(
  Closed({
    gln: Gln,
    kind: Type.Union(PLACE_KINDS.map((kind) => Type.Literal(kind))),
    name: Names,
    township: Names,
    area_m2: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000_000_000 })),
    holder: AccountId,
  }),
  (state, p, ctx) => {
    requireHolderOrAdmitting(ctx, p.holder);
    if (getAccount(state, p.holder) === undefined) {
      throw new AppError('accounts/unknown', 'The holder has no account; register it first.', {
        id: p.holder,
      });
    }
    if (getPlace(state, p.gln) !== undefined) {
      throw new AppError('places/exists', 'A place with this GLN exists; use another GLN.', {
        gln: p.gln,
      });
    }
    return {
      writes: [{ key: placeKey(p.gln), value: { ...p, registeredBy: ctx.signer.id } }],
      events: [{ type: 'places.registered', data: { gln: p.gln, by: ctx.signer.id } }],
    };
  },
);

export const places: RuleModule = { name: 'places', version: 1, actions: { register } };
