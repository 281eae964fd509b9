// The GS1 resolver: Digital Link paths and the description file (conformance clauses of GS1-Conformant resolver 1.0).

import { AppError, isAppError } from '@suyuan/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { App, RouteContext } from '../http/context.ts';
import type { Pages } from '../http/pages.ts';
import { malformed } from '../http/problems.ts';
import { statusOfCode } from '../http/status-codes.ts';
import type { UnitGuard } from '../http/unit-guard.ts';
import { resolverDescription } from './description.ts';
import { type Doors, defaultLink, findLink, GS1_VOC, type Link } from './links.ts';
import { CONTEXT_PATH, LINKSET_CONTEXT, LINKSET_TYPE, linksetOf } from './linkset.ts';
import { originOf } from './origin.ts';
import { PRIMARY_KEYS, subjectOf } from './parse.ts';
import { acceptOf, languagesOf } from './preferences.ts';
import { type Level, levelsOf } from './subject.ts';

const hidden = { hide: true } as const;
const CONTEXT_RELATION = 'http://www.w3.org/ns/json-ld#context';
const LD_JSON = 'application/ld+json';

export function resolverRoutes(
  app: App,
  context: RouteContext,
  pages: Pages,
  guard: UnitGuard,
): void {
  // Asked when all routes are there: no link leads to a door that this server has not.
  const doors = (): Doors => ({
    epcis: app.hasRoute({ method: 'GET', url: '/epcis/events' }),
    documents: app.hasRoute({ method: 'GET', url: '/api/v1/documents' }),
  });
  app.get(
    '/.well-known/gs1resolver',
    { schema: { summary: 'Resolver description file', tags: ['resolver'] } },
    async (request, reply) => {
      reply.header('cache-control', 'no-cache');
      return resolverDescription(originOf(request, context.options), doors());
    },
  );
  app.get(
    CONTEXT_PATH,
    { schema: { summary: 'JSON-LD context of linksets', tags: ['resolver'] } },
    async (_request, reply) => reply.type(LD_JSON).serializer(JSON.stringify).send(LINKSET_CONTEXT),
  );
  const answer = (request: FastifyRequest, reply: FastifyReply, act: () => FastifyReply) => {
    try {
      return act();
    } catch (error) {
      const status = isAppError(error) ? statusOfCode(error.code) : 500;
      const isPage = acceptOf(request).includes('text/html') && !wantsLinks(request);
      if (isPage && status < 500) return pages.sendScan(reply, status);
      throw error;
    }
  };
  for (const path of PRIMARY_KEYS.flatMap((key) => [`/${key}`, `/${key}/*`])) {
    app.get(path, { schema: hidden }, (request, reply) =>
      answer(request, reply, () =>
        resolve(request, reply, { ...context, pages, guard, doors: doors() }),
      ),
    );
  }
  // One segment of base64url and no file of ours: a link in GS1's compressed form.
  app.get('/:compressed(^[A-Za-z0-9_-]{12,}$)', { schema: hidden }, (request, reply) =>
    answer(request, reply, () => {
      throw new AppError(
        'resolver/compressed',
        'This may be a compressed link, which this resolver does not read: use the plain one, /01/….',
      );
    }),
  );
}

interface Resolution extends RouteContext {
  readonly pages: Pages;
  readonly guard: UnitGuard;
  readonly doors: Doors;
}

function resolve(
  request: FastifyRequest,
  reply: FastifyReply,
  { node, options, pages, guard, doors }: Resolution,
): FastifyReply {
  const origin = originOf(request, options);
  const subject = subjectOf(request.raw.url ?? '');
  const isUnit = subject.kind === 'product' && subject.serial !== undefined;
  if (isUnit) guard.assertMayAsk(request, reply);
  const levels = levelsOf(node, subject);
  const [level] = levels ?? [];
  if (levels === undefined || level === undefined) {
    if (isUnit) guard.missed(request);
    throw new AppError('resolver/unknown', 'The ledger knows nothing under this identifier.');
  }
  const type = linkTypeOf(request);
  const isList = wantsLinkset(request, type);
  reply.header('vary', 'accept, accept-language').header('cache-control', 'no-cache');
  reply.header('link', linkHeader(origin, level, isList));
  if (isList) {
    const linkset = linksetOf(origin, levels, doors);
    return reply.type(LINKSET_TYPE).serializer(JSON.stringify).send(linkset);
  }
  const isPage = level.kind === 'product' || level.kind === 'lot' || level.kind === 'unit';
  // The page is this very address: a redirect to itself would never end.
  if (type === undefined && isPage) return pages.sendScan(reply, 200);
  if (type === undefined || type === 'defaultLink') {
    return redirect(request, reply, defaultLink(levels, doors));
  }
  const preference = { media: acceptOf(request), languages: languagesOf(request) };
  return redirect(request, reply, findLink(levels, doors, type, preference));
}

function redirect(
  request: FastifyRequest,
  reply: FastifyReply,
  link: Link | undefined,
): FastifyReply {
  if (link === undefined) {
    throw new AppError(
      'resolver/no-such-link',
      'There is no link of this type; linkType=all lists those there are.',
    );
  }
  if (link.ownQuery === true) return reply.redirect(link.path, 307);
  // The query goes along, but for linkType: it would send the target, which is this resolver, round in a circle.
  const passed = new URLSearchParams(queryText(request));
  passed.delete('linkType');
  const query = passed.toString();
  const joint = link.path.includes('?') ? '&' : '?';
  return reply.redirect(query === '' ? link.path : `${link.path}${joint}${query}`, 307);
}

function linkHeader(origin: string, level: Level, isList: boolean): string {
  const self = `${origin}${level.path}`;
  return [
    `<${self}?linkType=linkset>; rel="linkset"; type="${LINKSET_TYPE}"`,
    `<${self}>; rel="owl:sameAs"`,
    ...(isList ? [`<${origin}${CONTEXT_PATH}>; rel="${CONTEXT_RELATION}"; type="${LD_JSON}"`] : []),
  ].join(', ');
}

/** The link type without its prefix; undefined when none is asked for. */
function linkTypeOf(request: FastifyRequest): string | undefined {
  const values = new URLSearchParams(queryText(request)).getAll('linkType');
  if (values.length > 1) throw malformed('linkType', 'linkType may be given once.');
  const [value] = values;
  for (const prefix of ['gs1:', GS1_VOC, 'https://gs1.org/voc/']) {
    if (value?.startsWith(prefix)) return value.slice(prefix.length);
  }
  return value === '' ? undefined : value;
}

function wantsLinkset(request: FastifyRequest, type: string | undefined): boolean {
  if (type === 'all' || type === 'linkset') return true;
  const accept = acceptOf(request);
  if (accept.includes(LINKSET_TYPE)) return true;
  // A program that asks for JSON and nothing else gets the list rather than a page.
  return type === undefined && accept.length > 0 && accept.every((t) => t === 'application/json');
}

function wantsLinks(request: FastifyRequest): boolean {
  return new URLSearchParams(queryText(request)).has('linkType');
}

function queryText(request: FastifyRequest): string {
  const url = request.raw.url ?? '';
  const at = url.indexOf('?');
  return at < 0 ? '' : url.slice(at + 1);
}
