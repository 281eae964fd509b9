// /recalls: what a recall would reach, those there are, their lots, proofs and times.

import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import {
  AppError,
  bytesToHex,
  getLot,
  lotKey,
  RECALL_SEEDS_MAX,
  type Recall,
  statePath,
} from '@suyuan/contracts';
import { type Static, Type } from 'typebox';
import type { App, RouteContext } from '../http/context.ts';
import { toJson } from '../http/json.ts';
import { AiText20, Gtin, params, toUintOr, UintText } from '../http/params.ts';
import { notFound, Problem } from '../http/problems.ts';
import { IMMUTABLE } from '../http/record.ts';
import { writeRate } from '../http/security.ts';
import type { RecallNotices } from './notices.ts';
import {
  countdown,
  holdersOf,
  listRecalls,
  recallOf,
  reconciled_permille,
  timedReport,
} from './record.ts';
import type { ScopeTrees } from './scope-trees.ts';
import { whatIf } from './what-if.ts';

const PAGE_MAX = 100;
const LINES_AT_ONCE = 200;
const tags = ['recalls'];
const RecallId = params({ id: AiText20 });
const Record = Type.Unknown({ description: 'docs/formats.md §5, bytes as hex' });
const Lines = Type.Unknown({ description: 'NDJSON: gtin, lot, holder, made, left, labelled …' });
const responses = { 200: Record, '4xx': Problem, '5xx': Problem };

const Nth = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const Made = params({ from: Nth, to: Nth });

const Query = params({
  seeds: Type.Array(params({ gtin: Gtin, lot: AiText20, made: Type.Optional(Made) }), {
    minItems: 1,
    maxItems: RECALL_SEEDS_MAX,
  }),
  siblings: Type.Optional(Type.Boolean({ description: 'what shares a direct input with a seed' })),
  ancestors: Type.Optional(Type.Boolean({ description: 'all that the seeds were made from' })),
});

export function recallRoutes(
  app: App,
  { node, hash, clock, options }: RouteContext,
  treeOf: ScopeTrees,
  notices?: RecallNotices,
): void {
  let computing = false;

  function requireRecall({ id }: Static<typeof RecallId>): Recall {
    const recall = recallOf(node, id);
    if (recall === undefined) throw notFound('The ledger holds no such recall.');
    return recall;
  }

  function requireScope(recall: Recall): void {
    if (recall.mock && recall.status === 'closed') {
      throw notFound('The lots of a drill are kept until it is closed; this one is.');
    }
  }

  const summary = (recall: Recall) => ({
    ...(toJson(node.read(`recalls/${encodeURIComponent(recall.id)}`) ?? null) as object),
    reconciled_permille: reconciled_permille(recall),
    countdown: countdown(recall, clock.now_ms()),
  });

  app.post(
    '/recalls/scope',
    {
      config: { rateLimit: writeRate(options) },
      schema: {
        summary: 'What a recall of these lots would reach',
        description: 'Nothing is recorded. `root` and `count` are what recalls.open commits to.',
        tags,
        body: Query,
        response: responses,
      },
    },
    async ({ body }) => {
      for (const { gtin, lot } of body.seeds) {
        if (node.value(lotKey(gtin, lot)) === undefined) throw notFound(`There is no lot ${lot}.`);
      }
      // A large scope takes seconds of this thread: one after another.
      if (computing) {
        throw new AppError('http/busy', 'Another scope is being computed; ask again in a moment.');
      }
      computing = true;
      try {
        const { seeds, siblings = false, ancestors = false } = body;
        const height = node.height();
        const state = { get: (key: string) => node.read(key) };
        const found = await whatIf(state, hash, { seeds, siblings, ancestors });
        return { height, ...found, root: bytesToHex(found.root) };
      } finally {
        computing = false;
      }
    },
  );

  app.get(
    '/recalls',
    {
      schema: {
        summary: 'Recalls and drills, by id',
        tags,
        querystring: params({ after: Type.Optional(AiText20), limit: Type.Optional(UintText) }),
        response: responses,
      },
    },
    async ({ query }) => {
      const limit = Math.max(1, toUintOr(query.limit, 'limit', PAGE_MAX, PAGE_MAX));
      const found = listRecalls(node, limit, query.after);
      const next = found.length === limit ? (found.at(-1)?.id ?? null) : null;
      return { recalls: found.map(summary), next };
    },
  );

  app.get(
    '/recalls/:id',
    {
      schema: {
        summary: 'A recall, its holders, what they did, and whether they were told',
        tags,
        params: RecallId,
        response: responses,
      },
    },
    async (request) => {
      const recall = requireRecall(request.params);
      const holders = holdersOf(node, recall.id).map((holder) => ({
        ...holder,
        notices: notices?.of(recall.id, holder.account) ?? [],
      }));
      return { ...summary(recall), holderRecords: holders };
    },
  );

  app.get(
    '/recalls/:id/report',
    {
      schema: {
        summary: 'Times since the opening: each acknowledgement, each report, the end',
        tags,
        params: RecallId,
        response: responses,
      },
    },
    async (request) => {
      const recall = requireRecall(request.params);
      return timedReport(recall, holdersOf(node, recall.id));
    },
  );

  app.get(
    '/recalls/:id/scope',
    {
      schema: {
        summary: 'The lots in scope as they stand now, a JSON object a line',
        tags,
        params: RecallId,
        response: { 200: Lines, '4xx': Problem },
      },
    },
    async (request, reply) => {
      const recall = requireRecall(request.params);
      requireScope(recall);
      reply.type('application/x-ndjson; charset=utf-8').header('cache-control', 'no-cache');
      return reply.send(Readable.from(scopeLines(recall.id)));
    },
  );

  async function* scopeLines(recall: string): AsyncGenerator<string> {
    const state = { get: (key: string) => node.read(key) };
    let lines = '';
    let waiting = 0;
    for (const key of node.scopeOf(recall)) {
      const [, gtin = '', name = ''] = key.split('/');
      const lot = getLot(state, gtin, decodeURIComponent(name));
      if (lot === undefined) continue;
      const { holder, made, left, labelled, batches, transit } = lot;
      lines += `${JSON.stringify({ gtin, lot: lot.lot, holder, made, left, labelled, batches, transit })}\n`;
      waiting += 1;
      if (waiting < LINES_AT_ONCE) continue;
      yield lines;
      lines = '';
      waiting = 0;
      await setImmediate();
    }
    if (lines !== '') yield lines;
  }

  app.get(
    '/recalls/:id/scope/:gtin/:lot',
    {
      schema: {
        summary: 'Proof that a lot is in the scope, or is not',
        description: 'Against `root`, which the recall’s record on the ledger holds.',
        tags,
        params: params({ id: AiText20, gtin: Gtin, lot: AiText20 }),
        response: responses,
      },
    },
    async (request, reply) => {
      const { gtin, lot } = request.params;
      const recall = requireRecall(request.params);
      requireScope(recall);
      const key = lotKey(gtin, lot);
      const tree = treeOf(recall.id, recall.scope.root);
      if (tree === undefined) {
        throw new AppError(
          'state/damaged',
          'The marks of this scope do not add up to its root: rebuild the state with --reindex.',
        );
      }
      const { siblings, leaf } = tree.prove(key);
      const own = leaf !== null && bytesToHex(leaf.path) === bytesToHex(statePath(hash, key));
      reply.header('cache-control', IMMUTABLE);
      return {
        key,
        inScope: own,
        root: bytesToHex(recall.scope.root),
        proof: {
          siblings: siblings.map(bytesToHex),
          leaf: leaf && { path: bytesToHex(leaf.path), valueHash: bytesToHex(leaf.valueHash) },
        },
      };
    },
  );
}
