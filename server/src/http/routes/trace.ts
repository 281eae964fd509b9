// GET /trace/…: where lots came from and what became of them, streamed as lines of JSON, or with proofs as frames.

import { type TraceDirection, utf8ToBytes } from '@suyuan/contracts';
import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { Snapshot } from '../../storage/database.ts';
import { readHead } from '../../storage/head.ts';
import { createTraceDesk } from '../../trace/desk.ts';
import { proofFrames } from '../../trace/proof.ts';
import { traceRows } from '../../trace/rows.ts';
import { seedsOf, type TimeWindow, type TraceSource } from '../../trace/sources.ts';
import type { App, RouteContext } from '../context.ts';
import { toJson } from '../json.ts';
import {
  AccountId,
  AiText20,
  DeviceId,
  Gln,
  Gtin,
  HashHex,
  oneOf,
  params,
  toUintOr,
  UintText,
} from '../params.ts';
import { malformed, notFound, Problem } from '../problems.ts';
import { bundleRate } from '../security.ts';
import type { UnitGuard } from '../unit-guard.ts';

const LINES_TYPE = 'application/x-ndjson; charset=utf-8';
const FRAMES_TYPE = 'application/octet-stream';
const LOTS_DEFAULT = 100_000;
const LOTS_MAX = 1_000_000;
const Direction = Type.Optional(oneOf('down', 'up', 'both'));
const Query = params({ direction: Direction, limit: Type.Optional(UintText) });
const WindowQuery = params({
  direction: Direction,
  limit: Type.Optional(UintText),
  from: Type.Optional(UintText),
  to: Type.Optional(UintText),
});

const Streamed = Type.Unknown();

const DESCRIPTION =
  'Lines of JSON of one moment of the ledger: a head, a line for each lot with its record, an end with the number of lots. An ' +
  'answer without the end is cut off. `truncated` says that there are more lots than `limit`. `direction` is down (what was made ' +
  'of it; the default), up (what it was made from) or both.';

interface Asked {
  readonly direction?: 'down' | 'up' | 'both';
  readonly limit?: string;
  readonly from?: string;
  readonly to?: string;
}

export function traceRoutes(app: App, context: RouteContext, guard: UnitGuard): void {
  const { node, hash, options } = context;
  const desk = createTraceDesk({ hold: () => node.hold(), elapsed_ms: context.elapsed_ms });
  const config = { rateLimit: bundleRate(options) };
  const schemaOf = <P, Q>(summary: string, path: P, querystring: Q) => ({
    summary,
    description: DESCRIPTION,
    tags: ['trace'],
    produces: ['application/x-ndjson'],
    params: path,
    querystring,
    response: { 200: Streamed, '4xx': Problem, '5xx': Problem },
  });

  async function answer(reply: FastifyReply, source: TraceSource, query: Asked) {
    const limit = Math.max(1, toUintOr(query.limit, 'limit', LOTS_DEFAULT, LOTS_MAX));
    const direction = query.direction ?? 'down';
    const stream = await desk.open((at) => lines(at, source, direction, limit));
    return reply.header('cache-control', 'no-store').type(LINES_TYPE).send(stream);
  }

  app.get(
    '/trace/lots/:gtin/:lot',
    { config, schema: schemaOf('Trace of a lot', params({ gtin: Gtin, lot: AiText20 }), Query) },
    async (request, reply) => answer(reply, { kind: 'lot', ...request.params }, request.query),
  );

  app.get(
    '/trace/lots/:gtin/:lot/proof',
    {
      config,
      schema: {
        summary: 'Trace of a lot with the proof that no lot is left out',
        description: 'Frames of docs/formats.md, “Trace proof”.',
        tags: ['trace', 'proofs'],
        produces: [FRAMES_TYPE],
        params: params({ gtin: Gtin, lot: AiText20 }),
        querystring: params({ direction: Direction }),
        response: { 200: Streamed, '4xx': Problem, '5xx': Problem },
      },
    },
    async (request, reply) => {
      const direction: TraceDirection = request.query.direction ?? 'down';
      const parts = { hash, genesis: node.genesis, epochs: node.epochs() };
      const stream = await desk.open((at) => proofFrames(at, parts, [request.params], direction));
      return reply.header('cache-control', 'no-store').type(FRAMES_TYPE).send(stream);
    },
  );

  app.get(
    '/trace/units/:gtin/:lot/:serial',
    {
      config,
      schema: schemaOf(
        'Trace of the lot of a unit',
        params({ gtin: Gtin, lot: AiText20, serial: AiText20 }),
        Query,
      ),
    },
    async (request, reply) => {
      const { gtin, lot, serial } = request.params;
      guard.assertMayAsk(request, reply);
      if (node.unitProof(gtin, lot, serial) === undefined) {
        guard.missed(request);
        throw notFound('The ledger holds no such record.');
      }
      return answer(reply, { kind: 'unit', gtin, lot }, request.query);
    },
  );

  app.get(
    '/trace/documents/:hash',
    {
      config,
      schema: schemaOf('Trace of what a document is about', params({ hash: HashHex }), Query),
    },
    async (request, reply) => answer(reply, { kind: 'document', ...request.params }, request.query),
  );

  const windowed = [
    ['place', '/trace/places/:id', 'Trace of the lots that lay at a place', Gln],
    [
      'device',
      '/trace/devices/:id',
      'Trace of the lots that lay where a device stood, while it stood there',
      DeviceId,
    ],
    ['account', '/trace/accounts/:id', 'Trace of the lots that an organisation held', AccountId],
  ] as const;
  for (const [kind, path, summary, id] of windowed) {
    app.get(
      path,
      { config, schema: schemaOf(summary, params({ id }), WindowQuery) },
      async (request, reply) => {
        const window = windowOf(request.query);
        const source = { kind, id: request.params.id, ...(window === undefined ? {} : { window }) };
        return answer(reply, source, request.query);
      },
    );
  }
}

function windowOf({ from, to }: Asked): TimeWindow | undefined {
  if (from === undefined && to === undefined) return undefined;
  const from_ms = toUintOr(from, 'from', 0);
  const to_ms = toUintOr(to, 'to', Number.MAX_SAFE_INTEGER);
  if (from_ms >= to_ms) throw malformed('to', 'to must lie after from.');
  return { from_ms, to_ms };
}

const NOTHING = new Uint8Array(0);

function* lines(
  at: Snapshot,
  source: TraceSource,
  direction: TraceDirection,
  limit: number,
): Generator<Uint8Array> {
  const rows = traceRows(at, seedsOf(at, source), direction);
  // The first row before the head: an unknown source is a 404, not half an answer.
  let next = rows.next();
  for (; next.done !== true && next.value === null; next = rows.next()) yield NOTHING;
  const head = readHead(at);
  yield line({ head: { height: head?.height ?? 0, time_ms: head?.time_ms ?? 0, direction } });
  let lots = 0;
  for (; next.done !== true && lots < limit; next = rows.next()) {
    if (next.value === null) {
      yield NOTHING;
      continue;
    }
    lots += 1;
    const { relation, record, drawn } = next.value;
    yield line({ relation, drawn, lot: toJson(record) });
  }
  yield line({ end: { lots, truncated: next.done !== true } });
}

function line(value: unknown): Uint8Array {
  return utf8ToBytes(`${JSON.stringify(value)}\n`);
}
