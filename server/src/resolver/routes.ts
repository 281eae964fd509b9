// The GS1 resolver: Digital Link paths and the description file (conformance clauses of GS1-Conformant resolver 1.0).

import { AppError, isAppError } from '@suyuan/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { App, RouteContext } from '../http/context.ts';
import type { Pages } from '../http/pages.ts';
import { malformed } from '../http/problems.ts';
import { statusOfCode } from '../http/status-codes.ts';
import { resolverDescription } from './description.ts';
import { defaultLink, findLink, GS1_VOC, type Link } from './links.ts';
import { LINKSET_TYPE, linksetOf } from './linkset.ts';
import { originOf } from './origin.ts';
import { PRIMARY_KEYS, subjectOf } from './parse.ts';
import { type Level, levelsOf } from './subject.ts';

const hidden = { hide: true } as const;

export function resolverRoutes(app: App, context: RouteContext, pages: Pages): void {
  app.get(
    '/.well-known/gs1resolver',
    { schema: { summary: 'Resolver description file', tags: ['resolver'] } },
    async (request, reply) => {
      reply.header('cache-control', 'no-cache');
      return resolverDescription(originOf(request, context.options));
    },
  );
  for (const path of PRIMARY_KEYS.flatMap((key) => [`/${key}`, `/${key}/*`])) {
    app.get(path, { schema: hidden }, (request, reply) => {
      try {
        return resolve(request, reply, context, pages);
      } catch (error) {
        const status = isAppError(error) ? statusOfCode(error.code) : 500;
        const isPage = acceptOf(request).includes('text/html') && !wantsLinks(request);
        if (isPage && status < 500) return pages.sendScan(reply, status);
        throw error;
      }
    });
  }
}

function resolve(
  request: FastifyRequest,
  reply: FastifyReply,
  { node, options }: RouteContext,
  pages: Pages,
): FastifyReply {
  const origin = originOf(request, options);
  const levels = levelsOf(node, subjectOf(request.raw.url ?? ''));
  const [level] = levels ?? [];
  if (levels === undefined || level === undefined) {
    throw new AppError('resolver/unknown', 'The ledger knows nothing under this identifier.');
  }
  reply.header('vary', 'accept').header('cache-control', 'no-cache');
  reply.header('link', linkHeader(origin, level));
  const type = linkTypeOf(request);
  if (wantsLinkset(request, type)) {
    return reply.type(LINKSET_TYPE).serializer(JSON.stringify).send(linksetOf(origin, levels));
  }
  if (type === undefined || type === 'defaultLink') {
    const isPage = level.kind === 'product' || level.kind === 'lot' || level.kind === 'unit';
    // The page is this very address: a redirect to itself would never end.
    return isPage ? pages.sendScan(reply, 200) : redirect(request, reply, defaultLink(levels));
  }
  return redirect(request, reply, findLink(levels, type, accepts(request)));
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
  // The query goes along, but for linkType: it would send the target, which is this resolver, round in a circle.
  const passed = new URLSearchParams(queryText(request));
  passed.delete('linkType');
  const query = passed.toString();
  const joint = link.path.includes('?') ? '&' : '?';
  return reply.redirect(query === '' ? link.path : `${link.path}${joint}${query}`, 307);
}

function linkHeader(origin: string, level: Level): string {
  const self = `${origin}${level.path}`;
  return `<${self}?linkType=linkset>; rel="linkset"; type="${LINKSET_TYPE}", <${self}>; rel="owl:sameAs"`;
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

function accepts(request: FastifyRequest): (media: string) => boolean {
  const accept = acceptOf(request);
  return (media) => accept.includes(media);
}

/** The media types of Accept, in its order, without their parameters. */
function acceptOf(request: FastifyRequest): readonly string[] {
  const header = request.headers.accept ?? '';
  return header
    .split(',')
    .map((part) => (part.split(';', 1)[0] ?? '').trim().toLowerCase())
    .filter((part) => part !== '');
}

function queryText(request: FastifyRequest): string {
  const url = request.raw.url ?? '';
  const at = url.indexOf('?');
  return at < 0 ? '' : url.slice(at + 1);
}
