// `Link: <…>; rel="next"`, until the last page.

import type { FastifyReply, FastifyRequest } from 'fastify';

/** The same address with another token. */
export function sayNext(request: FastifyRequest, reply: FastifyReply, token: string): void {
  const url = new URL(request.raw.url ?? '/', 'http://host');
  url.searchParams.set('nextPageToken', token);
  reply.header('link', `<${url.pathname}${url.search}>; rel="next"`);
}
