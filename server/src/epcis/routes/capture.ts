// POST /capture, its jobs, and POST /events.

import { AppError, EMPTY_CONTEXT, readEpcisContext, readEpcisEnvelope } from '@suyuan/contracts';
import type { FastifyReply } from 'fastify';
import type { App, RouteContext } from '../../http/context.ts';
import { writeRate } from '../../http/security.ts';
import { eventJson } from '../answer.ts';
import { type ErrorBehaviour, type Job, newCaptureId, surroundingsOf } from '../capture-jobs.ts';
import { checkEventJson } from '../checked-event.ts';
import { CHECK_AT_ONCE_BYTES_MAX, PER_PAGE_MAX } from '../limits.ts';
import { decodeNameToken, encodeNameToken, perPageOf } from '../page-token.ts';
import type { Epcis } from '../service.ts';
import { callerOf, EMPTY_HASH, readSmallBody, streamOf, vouches } from './body.ts';
import { headerOf, JSON_TYPE, sayCaptureLimits } from './headers.ts';
import { sayNext } from './paging.ts';
import { sendEpcisProblems } from './problems.ts';

type Query = Readonly<Record<string, unknown>>;

export function captureRoutes(app: App, context: RouteContext, epcis: Epcis): void {
  const limited = { config: { rateLimit: writeRate(context.options) } };

  app.post(
    '/capture',
    { ...limited, schema: { summary: 'Capture an EPCIS document', tags: ['epcis'] } },
    async (request, reply) => {
      sayCaptureLimits(reply);
      const behaviour = behaviourOf(headerOf(request, 'gs1-capture-error-behaviour'));
      const caller = await callerOf(epcis, request);
      epcis.jobs.assertRoom(caller.account);
      const id = newCaptureId(epcis.now_ms());
      const document = await epcis.spool.take(id, streamOf(request));
      try {
        const signed = vouches(caller, document.hash);
        surroundingsOf(document.envelope);
        if (!document.hasList || readEpcisEnvelope(document.envelope).kind === 'event') {
          const words = 'Send an EPCISDocument or EPCISQueryDocument with an eventList.';
          throw new AppError('epcis/invalid-document', words);
        }
        if (behaviour === 'rollback' && document.size_bytes <= CHECK_AT_ONCE_BYTES_MAX) {
          const problems = await epcis.jobs.check(document);
          if (problems.length > 0) {
            await epcis.spool.drop(id);
            return sendEpcisProblems(reply, request.id, problems);
          }
        }
        await epcis.jobs.add({ account: caller.account, signed, behaviour, document });
      } catch (error) {
        await epcis.spool.drop(id);
        throw error;
      }
      return reply.code(202).header('location', `/epcis/capture/${id}`).send();
    },
  );

  app.get<{ Querystring: Query }>(
    '/capture',
    { schema: { summary: 'Capture jobs of the account, newest first', tags: ['epcis'] } },
    async (request, reply) => {
      const caller = await callerOf(epcis, request);
      vouches(caller, EMPTY_HASH);
      const perPage = perPageOf(request.query.perPage);
      const { nextPageToken } = request.query;
      const before = nextPageToken === undefined ? {} : { before: decodeNameToken(nextPageToken) };
      const found = epcis.jobs.list(caller.account, { ...before, limit: perPage + 1 });
      const page = found.slice(0, Math.min(perPage, PER_PAGE_MAX));
      const last = page.at(-1);
      if (found.length > page.length && last !== undefined)
        sayNext(request, reply, encodeNameToken(last.captureID));
      return sendJson(reply, page.map(jobJson));
    },
  );

  app.get<{ Params: { captureID: string } }>(
    '/capture/:captureID',
    { schema: { summary: 'A capture job', tags: ['epcis'] } },
    async (request, reply) => {
      const job = epcis.jobs.get(request.params.captureID);
      if (job === undefined) throw new AppError('epcis/not-found', 'There is no such capture job.');
      return sendJson(reply, jobJson(job));
    },
  );

  app.post(
    '/events',
    { ...limited, schema: { summary: 'Capture one event', tags: ['epcis'] } },
    async (request, reply) => {
      sayCaptureLimits(reply);
      const caller = await callerOf(epcis, request);
      const { json, hash } = await readSmallBody(request);
      const signed = vouches(caller, hash);
      if (readEpcisEnvelope(json).kind !== 'event') {
        const words = 'This is a document: send it to POST /epcis/capture.';
        throw new AppError('epcis/invalid-document', words);
      }
      const event = checkEventJson(json, {
        context: readEpcisContext(json, EMPTY_CONTEXT),
        contextJson: (json as Record<string, unknown>)['@context'],
      });
      const { account } = caller;
      const capture = newCaptureId(epcis.now_ms());
      const origin = { capture, account, grade: 'attested', signed } as const;
      const { stored } = await epcis.writer.write(origin, [event], (error) => {
        throw error;
      });
      if (stored === 0) {
        throw new AppError('epcis/event-exists', 'Your account has captured this event before.');
      }
      const [row] = await epcis.store.find({
        conditions: [{ sql: 'capture = {own:String}', params: { own: capture } }],
        hidden: [],
        orderBy: 'seq',
        descending: false,
        limit: 1,
      });
      reply.code(201).header('location', `/epcis/events/${encodeURIComponent(event.id)}`);
      return sendJson(reply, row === undefined ? json : eventJson(row));
    },
  );
}

export function sendJson(reply: FastifyReply, value: unknown): FastifyReply {
  return reply.type(JSON_TYPE).serializer(JSON.stringify).send(value);
}

function jobJson(job: Job) {
  const { captureID, createdAt_ms, finishedAt_ms, running, success, behaviour, errors } = job;
  return {
    captureID,
    createdAt: new Date(createdAt_ms).toISOString(),
    ...(finishedAt_ms === undefined ? {} : { finishedAt: new Date(finishedAt_ms).toISOString() }),
    running,
    success,
    captureErrorBehaviour: behaviour,
    errors,
  };
}

function behaviourOf(text: string | undefined): ErrorBehaviour {
  if (text === undefined || text === 'rollback') return 'rollback';
  if (text === 'proceed') return 'proceed';
  throw new AppError(
    'epcis/invalid-document',
    'GS1-Capture-Error-Behaviour is rollback or proceed.',
  );
}
