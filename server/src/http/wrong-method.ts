// 405 with Allow for a path that is there under another method. Call it first: it watches the routes as they are added.

import { AppError } from '@suyuan/contracts';
import type { HTTPMethods } from 'fastify';
import type { App } from './context.ts';

/** OPTIONS is answered by what speaks of origins. */
const METHODS: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Returns what adds the answers, to be called when all routes are there. */
export function watchMethods(app: App): () => void {
  const methods = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    // Under a wildcard there may be nothing at all.
    if (url.includes('*')) return;
    const known = methods.get(url) ?? new Set();
    methods.set(url, known);
    for (const name of [method].flat()) known.add(name);
  });
  return () => {
    for (const [url, known] of [...methods]) {
      const rest = METHODS.filter((method) => !known.has(method));
      const allow = [...known].sort().join(', ');
      if (rest.length === 0) continue;
      const refuse = new AppError(
        'http/method-not-allowed',
        `This path takes ${allow}; see /docs.`,
      );
      app.route({
        method: rest,
        url,
        schema: { hide: true },
        // Before any body is read.
        onRequest: async (_request, reply) => {
          reply.header('allow', allow);
          throw refuse;
        },
        handler: async () => undefined,
      });
    }
  };
}
