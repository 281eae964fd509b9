// places: plots, yards, warehouses, plants and vehicles under their GLN (docs/formats.md §5).

import Type from 'typebox';
import { AppError } from '../../errors.ts';
import type { CborValue } from '../../encoding/types.ts';
import { getAccount } from '../accounts/module.ts';
import { requireHolderOrAdmitting } from '../permissions.ts';
import { AccountId, Closed, Gln, Names } from '../schema.ts';
import { defineAction, type RuleModule, type StateReader } from '../types.ts';

export const PLACE_KINDS = ['plot', 'yard', 'warehouse', 'plant', 'vehicle', 'shop', 'laboratory'] as const;

export interface Place {
  readonly gln: string;
  readonly kind: (typeof PLACE_KINDS)[number];
  readonly name: { readonly zh: string; readonly en: string };
  readonly township: { readonly zh: string; readonly en: string };
  readonly area_m2?: number;
  readonly holder: string;
  readonly registeredBy: string;
}

export function placeKey(gln: string): string {
  return `places/${gln}`;
}

/** A value that the rules wrote, as its type: only for values from a certified state. */
export function toPlace(value: CborValue): Place {
  return value as unknown as Place;
}

export function getPlace(state: StateReader, gln: string): Place | undefined {
  const value = state.get(placeKey(gln));
  return value === undefined ? undefined : toPlace(value);
}

/** Throws `places/unknown`. */
export function requirePlace(state: StateReader, gln: string): Place {
  const place = getPlace(state, gln);
  if (place === undefined) throw new AppError('places/unknown', 'There is no such place; register it first.', { gln });
  return place;
}

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
      throw new AppError('accounts/unknown', 'The holder has no account; register it first.', { id: p.holder });
    }
    if (getPlace(state, p.gln) !== undefined) {
      throw new AppError('places/exists', 'A place with this GLN exists; use another GLN.', { gln: p.gln });
    }
    return {
      writes: [{ key: placeKey(p.gln), value: { ...p, registeredBy: ctx.signer.id } }],
      events: [{ type: 'places.registered', data: { gln: p.gln, by: ctx.signer.id } }],
    };
  },
);

export const places: RuleModule = { name: 'places', version: 1, actions: { register } };
