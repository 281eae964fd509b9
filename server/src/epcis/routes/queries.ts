// Named queries and their subscriptions.

import type { App, RouteContext } from '../../http/context.ts';
import { writeRate } from '../../http/security.ts';
import type { NamedQuery } from '../named-queries.ts';
import { decodeNameToken, encodeNameToken, perPageOf } from '../page-token.ts';
import { readEventQuery } from '../query-parameters.ts';
import type { Epcis } from '../service.ts';
import type { Subscription } from '../subscriptions.ts';
import { callerOf, EMPTY_HASH, readSmallBody, vouches } from './body.ts';
import { sendJson } from './capture.ts';
import { sendPage } from './events.ts';
import { sayNext } from './paging.ts';

type Query = Readonly<Record<string, unknown>>;
interface OfQuery {
  Params: { name: string };
  Querystring: Query;
}
interface OfSubscription {
  Params: { name: string; id: string };
}

export function queryRoutes(app: App, context: RouteContext, epcis: Epcis): void {
  const { queries, subscriptions } = epcis;
  const schema = (summary: string) => ({ schema: { summary, tags: ['epcis'] } });
  const writing = (summary: string) => ({
    ...schema(summary),
    config: { rateLimit: writeRate(context.options) },
  });

  app.post('/queries', writing('Make a named query'), async (request, reply) => {
    const caller = await callerOf(epcis, request);
    const { json, hash } = await readSmallBody(request);
    vouches(caller, hash);
    const query = await queries.create(caller.account, json, epcis.now_ms());
    reply.code(201).header('location', `/epcis/queries/${encodeURIComponent(query.name)}`);
    return sendJson(reply, queryJson(query));
  });

  app.get<{ Querystring: Query }>('/queries', schema('Named queries'), async (request, reply) => {
    const perPage = perPageOf(request.query.perPage);
    const { nextPageToken } = request.query;
    const after = nextPageToken === undefined ? {} : { after: decodeNameToken(nextPageToken) };
    const found = queries.list({ ...after, limit: perPage + 1 });
    const page = found.slice(0, perPage);
    const last = page.at(-1);
    if (found.length > perPage && last !== undefined)
      sayNext(request, reply, encodeNameToken(last.name));
    return sendJson(reply, page.map(queryJson));
  });

  app.get<OfQuery>('/queries/:name', schema('A named query'), async (request, reply) =>
    sendJson(reply, queryJson(queries.get(request.params.name))),
  );

  app.delete<OfQuery>(
    '/queries/:name',
    writing('Delete a query and end its subscriptions'),
    async (request, reply) => {
      const caller = await callerOf(epcis, request);
      vouches(caller, EMPTY_HASH);
      await queries.remove(caller.account, request.params.name);
      await subscriptions.removeQuery(request.params.name);
      return reply.code(204).send();
    },
  );

  app.get<OfQuery>('/queries/:name/events', schema('Its events'), async (request, reply) => {
    const { name } = request.params;
    // Nothing but paging may be asked beside the query.
    readEventQuery(request.query);
    return sendPage(epcis, request, reply, queries.parsed(name), name);
  });

  app.post<OfQuery>(
    '/queries/:name/subscriptions',
    writing('Subscribe a webhook'),
    async (request, reply) => {
      const caller = await callerOf(epcis, request);
      const { json, hash } = await readSmallBody(request);
      vouches(caller, hash);
      const made = await subscriptions.create(caller.account, request.params.name, json);
      const path = `/epcis/queries/${encodeURIComponent(made.queryName)}/subscriptions`;
      reply.code(201).header('location', `${path}/${made.subscriptionID}`);
      return sendJson(reply, subscriptionJson(made));
    },
  );

  app.get<OfQuery>(
    '/queries/:name/subscriptions',
    schema('Subscriptions of the account'),
    async (request, reply) => {
      const caller = await callerOf(epcis, request);
      vouches(caller, EMPTY_HASH);
      queries.get(request.params.name);
      const list = subscriptions.list(caller.account, request.params.name);
      return sendJson(reply, list.map(subscriptionJson));
    },
  );

  app.get<OfSubscription>(
    '/queries/:name/subscriptions/:id',
    schema('A subscription of the account'),
    async (request, reply) => {
      const caller = await callerOf(epcis, request);
      vouches(caller, EMPTY_HASH);
      const { name, id } = request.params;
      return sendJson(reply, subscriptionJson(subscriptions.get(caller.account, name, id)));
    },
  );

  app.delete<OfSubscription>(
    '/queries/:name/subscriptions/:id',
    writing('Unsubscribe'),
    async (request, reply) => {
      const caller = await callerOf(epcis, request);
      vouches(caller, EMPTY_HASH);
      const { name, id } = request.params;
      await subscriptions.remove(subscriptions.get(caller.account, name, id));
      return reply.code(204).send();
    },
  );
}

const queryJson = ({ name, query }: NamedQuery) => ({ name, query });

/** Without the signatureToken: it is the subscriber's secret. */
function subscriptionJson(subscription: Subscription) {
  const { subscriptionID, dest, stream, schedule, reportIfEmpty, createdAt_ms } = subscription;
  const { lastNotifiedAt_ms, initialRecordTime_ms } = subscription;
  const time = (name: string, time_ms: number | undefined) =>
    time_ms === undefined ? {} : { [name]: new Date(time_ms).toISOString() };
  return {
    subscriptionID,
    dest,
    ...(stream ? { stream } : {}),
    ...(schedule === undefined ? {} : { schedule, reportIfEmpty }),
    ...time('createdAt', createdAt_ms),
    ...time('lastNotifiedAt', lastNotifiedAt_ms),
    ...time('initialRecordTime', initialRecordTime_ms),
    ...time('minRecordTime', lastNotifiedAt_ms ?? initialRecordTime_ms),
  };
}
