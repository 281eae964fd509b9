// POST /reveals: the code under the scratch layer of a unit, shown once to the ledger.

import { randomUUID } from 'node:crypto';
import { bytesToHex, isAppError, readHiddenCode } from '@suyuan/contracts';
import { Type } from 'typebox';
import type { App, RouteContext } from '../http/context.ts';
import { HashHex, params } from '../http/params.ts';
import { malformed, Problem, problemOf, sendProblem } from '../http/problems.ts';
import { refusalStatusOfCode } from '../http/status-codes.ts';
import { within } from '../http/within.ts';
import { unitText } from '../scans/store.ts';
import { Link, type UnitDoor } from '../scans/unit-door.ts';
import type { RevealDesk } from './desk.ts';
import { createTries } from './tries.ts';

const WINDOW_MS = 60_000;
const BODY_BYTES_MAX = 2_048;
const TYPED_CHARS_MAX = 64;

const Shown = Type.Object({
  outcome: Type.Union([Type.Literal('first'), Type.Literal('same'), Type.Literal('again')]),
  revealedAt_ms: Type.Integer({ description: 'Block time of the one reveal' }),
  height: Type.Integer({ description: 'Of that block' }),
  txId: HashHex,
  again: Type.Integer({
    minimum: 0,
    description: 'Visits with the right code after the reveal, counted by this server',
  }),
});

export interface RevealParts {
  readonly desk: RevealDesk;
  readonly unitOf: UnitDoor;
}

export function revealRoutes(app: App, context: RouteContext, parts: RevealParts): void {
  const { node, options } = context;
  const { desk, unitOf } = parts;
  const tries = createTries(context.elapsed_ms);

  app.post(
    '/reveals',
    {
      bodyLimit: BODY_BYTES_MAX,
      config: { rateLimit: { max: options.revealRate, timeWindow: WINDOW_MS } },
      schema: {
        summary: 'Show the hidden code of a unit to the ledger',
        description:
          'Spaces, hyphens and case do not matter; O is read as 0, I and L as 1. A right code is revealed on the ledger once, by ' +
          'labels.reveal: the outcome is `first`, `same` for this visitor within the hour, `again` for whoever comes after; a wrong one (422, labels/wrong-code) changes nothing, and too many of them have to wait.',
        tags: ['scans'],
        body: params({
          link: Link,
          code: Type.String({
            minLength: 1,
            maxLength: TYPED_CHARS_MAX,
            description: '13 to 20 letters',
          }),
          visit: Type.Optional(
            Type.String({
              pattern: '^[0-9a-f]{32}$',
              description:
                'Random, made by the page and kept on the phone: whoever loses the answer and asks again with it is the same visitor. Without it every request is a visitor of its own.',
            }),
          ),
        }),
        response: { 200: Shown, '4xx': Problem, '5xx': Problem },
      },
    },
    async (request, reply) => {
      const { unit, proof } = unitOf(request, reply, request.body.link);
      const name = unitText(unit);
      tries.assertMayTry(request, reply, name);
      const code = readHiddenCode(request.body.code);
      if (code === null) {
        throw malformed('code', 'A code has 13 to 20 letters and digits, and no U.');
      }
      try {
        desk.assertRight(unit, proof, code);
        // An address and a browser are shared by a household, a shop, a mobile network: a copier among them must not pass for the
        // buyer.
        const visitor = request.body.visit ?? randomUUID();
        const shown = await within(
          desk.show(unit, proof, code, visitor),
          options.commitTimeout_ms,
          'No block took the code yet; show it again in a moment to learn what became of it.',
        );
        return reply.header('cache-control', 'no-store').send({
          outcome: shown.outcome,
          revealedAt_ms: shown.at_ms,
          height: node.receipt(shown.txId)?.height ?? 0,
          txId: bytesToHex(shown.txId),
          again: shown.again,
        });
      } catch (error) {
        if (!isAppError(error)) throw error;
        if (error.code === 'reveals/not-carried') {
          request.log.warn({ err: error.cause }, 'a hidden code did not reach the ledger');
        }
        if (error.code === 'labels/wrong-code') tries.failed(request, name);
        const status = refusalStatusOfCode(error.code);
        if (status >= 500) throw error;
        return sendProblem(reply, problemOf(error, request.id, status));
      }
    },
  );
}
