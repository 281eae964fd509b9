// GET /events, one event, what is known of it, and the collections by which a repository is looked through.

import { AppError } from '@suyuan/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { App } from '../../http/context.ts';
import { EPCIS_CONTEXT, queryDocument } from '../answer.ts';
import type { StoredEvent } from '../event-store.ts';
import { bounded } from '../find-events.ts';
import { decodeNameToken, encodeNameToken, perPageOf } from '../page-token.ts';
import { type EventQuery, readEventQuery } from '../query-parameters.ts';
import type { Epcis } from '../service.ts';
import { sendJson } from './capture.ts';
import { sayNext } from './paging.ts';

type Query = Readonly<Record<string, unknown>>;

export const RESOURCES = [
  'queries',
  'capture',
  'events',
  'eventTypes',
  'epcs',
  'readPoints',
  'bizLocations',
  'dispositions',
  'bizSteps',
];

/** Path, column of the store, and the query parameters of which one has to match. */
const COLLECTIONS = [
  ['eventTypes', 'type', 'eventType'],
  ['epcs', 'epcs', 'MATCH_anything'],
  ['bizSteps', 'biz_step', 'EQ_bizStep'],
  ['dispositions', 'disposition', 'EQ_disposition'],
  ['bizLocations', 'biz_location', 'EQ_bizLocation'],
  ['readPoints', 'read_point', 'EQ_readPoint'],
] as const;

const EVENT_TYPES = [
  'AggregationEvent',
  'AssociationEvent',
  'ObjectEvent',
  'TransactionEvent',
  'TransformationEvent',
];
/** One event id is captured by few accounts. */
const SAME_ID_MAX = 100;

export function eventRoutes(app: App, epcis: Epcis): void {
  const schema = (summary: string) => ({ schema: { summary, tags: ['epcis'] } });

  app.get('/', schema('Top-level resources'), async (_request, reply) =>
    sendJson(reply, collection(RESOURCES)),
  );

  app.get<{ Querystring: Query }>('/events', schema('Query events'), async (request, reply) =>
    sendPage(epcis, request, reply, readEventQuery(request.query)),
  );

  app.get<{ Params: { eventID: string } }>(
    '/events/:eventID',
    schema('Events with this id'),
    async (request, reply) => {
      const events = await withId(epcis, request.params.eventID);
      return sendJson(reply, queryDocument({ events, now_ms: epcis.now_ms() }));
    },
  );

  app.get<{ Params: { eventID: string } }>(
    '/events/:eventID/records',
    schema('Who vouches for the events with this id, with which grade'),
    async (request, reply) =>
      sendJson(reply, (await withId(epcis, request.params.eventID)).map(recordJson)),
  );

  for (const [path, column, parameter] of COLLECTIONS) {
    app.get<{ Querystring: Query }>(`/${path}`, schema(`Known ${path}`), async (request, reply) => {
      const perPage = perPageOf(request.query.perPage);
      const { nextPageToken } = request.query;
      const after = nextPageToken === undefined ? '' : decodeNameToken(nextPageToken);
      const found = await bounded(() =>
        epcis.store.distinct({ column, hidden: epcis.writer.hidden(), after, limit: perPage + 1 }),
      );
      const names = column === 'type' ? [...new Set([...EVENT_TYPES, ...found])] : found;
      const page = column === 'type' ? names : names.slice(0, perPage);
      const last = found[perPage - 1];
      if (found.length > perPage && last !== undefined)
        sayNext(request, reply, encodeNameToken(last));
      return sendJson(reply, collection(page));
    });

    app.get<{ Params: { id: string } }>(
      `/${path}/:id`,
      schema(`What there is of one of the ${path}`),
      async (request, reply) => {
        await assertKnown(epcis, parameter, request.params.id);
        return sendJson(reply, collection(['events']));
      },
    );

    app.get<{ Params: { id: string }; Querystring: Query }>(
      `/${path}/:id/events`,
      schema(`Events of one of the ${path}`),
      async (request, reply) => {
        const { id } = request.params;
        await assertKnown(epcis, parameter, id);
        return sendPage(epcis, request, reply, narrowed(request.query, parameter, id));
      },
    );
  }

  app.delete<{ Params: { token: string } }>(
    '/nextPageToken/:token',
    { schema: { summary: 'Forget a page token: not needed here', tags: ['epcis'] } },
    async () => {
      throw new AppError(
        'epcis/not-implemented',
        'Page tokens are not kept here; nothing to forget.',
      );
    },
  );
}

/** The answer to a query: one page and the way to the next. */
export async function sendPage(
  epcis: Epcis,
  request: FastifyRequest,
  reply: FastifyReply,
  query: EventQuery,
  queryName?: string,
): Promise<FastifyReply> {
  const { perPage, nextPageToken } = request.query as Query;
  const page = await epcis.find(query, {
    perPage: perPageOf(perPage),
    ...(nextPageToken === undefined ? {} : { nextPageToken }),
  });
  if (page.next !== undefined) sayNext(request, reply, page.next);
  return sendJson(
    reply,
    queryDocument({
      events: page.events,
      now_ms: epcis.now_ms(),
      ...(queryName === undefined ? {} : { queryName }),
    }),
  );
}

async function withId(epcis: Epcis, id: string): Promise<StoredEvent[]> {
  const rows = await bounded(() =>
    epcis.store.find({
      conditions: [{ sql: 'event_id = {id:String}', params: { id } }],
      hidden: epcis.writer.hidden(),
      orderBy: 'seq',
      descending: false,
      limit: SAME_ID_MAX,
    }),
  );
  if (rows.length === 0) throw new AppError('epcis/not-found', 'There is no event with this id.');
  return rows;
}

function recordJson(row: StoredEvent) {
  return {
    eventID: row.event_id,
    capturedBy: row.captured_by,
    grade: row.grade,
    bodySigned: row.signed === 1,
    recordTime: new Date(row.record_ms).toISOString(),
    ...(row.grade === 'proven'
      ? { transaction: row.tx, height: row.height }
      : { captureID: row.capture }),
  };
}

/** Throws `epcis/not-found` when no event speaks of it. */
async function assertKnown(epcis: Epcis, parameter: string, id: string): Promise<void> {
  if (parameter === 'eventType' && EVENT_TYPES.includes(id)) return;
  const { conditions } = narrowed({}, parameter, id);
  const count = await bounded(() => epcis.store.count(conditions, epcis.writer.hidden(), 1));
  if (count === 0) throw new AppError('epcis/not-found', 'No event speaks of this.');
}

/** The query and one condition more; what the caller asked for under the same name stays in force. */
function narrowed(query: Query, parameter: string, id: string): EventQuery {
  const asked = readEventQuery(query);
  const [more] = readEventQuery({ [parameter]: [id] }).conditions;
  if (more === undefined) return asked;
  // The placeholders of a query are numbered; this one stands apart from them.
  const renamed = Object.entries(more.params).map(([name, value]) => [`own_${name}`, value]);
  const sql = more.sql.replace(/\{([kv]\d+):/g, '{own_$1:');
  return {
    ...asked,
    conditions: [...asked.conditions, { sql, params: Object.fromEntries(renamed) }],
  };
}

function collection(member: readonly string[]) {
  return { '@context': EPCIS_CONTEXT, type: 'Collection', member };
}
