// The unit that a request is about: proven to be of a label batch that the ledger issued, or the same 404 as everywhere.

import { AppError, type UnitProof } from '@suyuan/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { LedgerNode } from '../http/ports.ts';
import { malformed } from '../http/problems.ts';
import type { UnitGuard } from '../http/unit-guard.ts';
import { productLinkOf } from '../resolver/parse.ts';
import type { UnitKey } from './store.ts';

const LINK_CHARS_MAX = 512;

export const Link = Type.String({
  minLength: 1,
  maxLength: LINK_CHARS_MAX,
  description: 'GS1 Digital Link of a unit, with or without a host',
});

/** Throws `http/malformed`, `gs1/…`, `resolver/unknown`, or `http/too-many-requests` to who guesses. */
export type UnitDoor = (
  request: FastifyRequest,
  reply: FastifyReply,
  link: string,
) => { readonly unit: UnitKey; readonly proof: UnitProof };

export function createUnitDoor(node: Pick<LedgerNode, 'unitProof'>, guard: UnitGuard): UnitDoor {
  return (request, reply, link) => {
    const { gtin, lot, serial } = productLinkOf(link);
    if (lot === undefined || serial === undefined) {
      throw malformed('link', 'This is about a unit: /01/…/10/…/21/….');
    }
    guard.assertMayAsk(request, reply);
    const proof = node.unitProof(gtin, lot, serial);
    if (proof === undefined) {
      guard.missed(request);
      throw new AppError('resolver/unknown', 'The ledger knows nothing under this identifier.');
    }
    return { unit: { gtin, lot, serial }, proof };
  };
}
