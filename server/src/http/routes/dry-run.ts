// POST /transactions/dry-run: what the rules would say to calls, before anybody signs them. An import is checked whole by it.

import { AppError, type CryptoProvider } from '@suyuan/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { dryRun } from '../../engine/dry-run.ts';
import { stateReader } from '../../storage/state.ts';
import type { App, RouteContext } from '../context.ts';
import { AccountId } from '../params.ts';
import { Problem } from '../problems.ts';
import { clientOf } from '../unit-guard.ts';

/** Rows of the largest table that an import takes: whole, because later rows stand upon earlier ones. */
export const DRY_CALLS_MAX = 20_000;
const BODY_BYTES_MAX = 8 * 1024 * 1024;
/** Each holds a body and an overlay in memory, and costs seconds of work at worst. */
const AT_ONCE_MAX = 4;
/** Of them, those of one client: nobody keeps the others out. */
const CLIENT_AT_ONCE_MAX = 2;
const RUNS_PER_MINUTE = 60;

const Name = Type.String({ minLength: 1, maxLength: 32 });

const Body = Type.Object(
  {
    signer: AccountId,
    calls: Type.Array(
      Type.Object(
        {
          module: Name,
          action: Name,
          payload: Type.Unknown({ description: 'of the action; bytes as hex' }),
        },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: DRY_CALLS_MAX },
    ),
  },
  { additionalProperties: false },
);

const Answer = Type.Object({
  height: Type.Integer({ description: 'The last block, over which the calls were judged.' }),
  results: Type.Array(
    Type.Object({
      ok: Type.Boolean(),
      code: Type.String({ description: 'Of the rule that refuses; empty when ok.' }),
      message: Type.String(),
      field: Type.Optional(Type.String({ description: 'Of the payload, as a JSON pointer.' })),
    }),
    { description: 'One for each call, in order.' },
  ),
});

export function dryRunRoute(app: App, context: RouteContext, crypto: CryptoProvider): void {
  const { node, hash, clock, elapsed_ms } = context;
  let running = 0;
  const byClient = new Map<string, number>();

  /** Before the body is read. A connection that breaks gives its place back too. */
  const takePlace = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const client = clientOf(request.ip);
    const own = byClient.get(client) ?? 0;
    if (running >= AT_ONCE_MAX || own >= CLIENT_AT_ONCE_MAX) {
      throw new AppError('http/busy', 'Several dry runs are under way; try again in a moment.');
    }
    running += 1;
    byClient.set(client, own + 1);
    reply.raw.once('close', () => {
      running -= 1;
      const left = (byClient.get(client) ?? 1) - 1;
      if (left === 0) byClient.delete(client);
      else byClient.set(client, left);
    });
  };

  app.post(
    '/transactions/dry-run',
    {
      bodyLimit: BODY_BYTES_MAX,
      config: { rateLimit: { max: RUNS_PER_MINUTE, timeWindow: 60_000 } },
      onRequest: takePlace,
      schema: {
        summary: 'What the rules would say to calls of an account, unsigned, and nothing is done',
        description:
          `Up to ${DRY_CALLS_MAX} calls, each judged over the committed state and what the accepted calls before it would write. ` +
          'A promise it is not: others may write before the calls are signed and sent.',
        tags: ['ledger'],
        body: Body,
        response: { 200: Answer, '4xx': Problem, '5xx': Problem },
      },
    },
    async (request, reply) => {
      const { signer, calls } = request.body;
      const height = node.height();
      const held = node.hold();
      try {
        const state = stateReader(held);
        const results = await dryRun(state, signer, calls, {
          ...{ hash, crypto, chainId: node.chainId, elapsed_ms },
          height: height + 1,
          rules: node.rulesOf(state, height + 1),
          time_ms: Math.floor(clock.now_ms()),
        });
        reply.header('cache-control', 'no-store');
        return { height, results };
      } finally {
        held.release();
      }
    },
  );
}
