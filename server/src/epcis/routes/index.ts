// The doors of EPCIS 2.0, all under /epcis.

import type { App, RouteContext } from '../../http/context.ts';
import type { Epcis } from '../service.ts';
import { captureRoutes } from './capture.ts';
import { eventRoutes } from './events.ts';
import { negotiate, sayVersions } from './headers.ts';
import { useEpcisProblems } from './problems.ts';
import { queryRoutes } from './queries.ts';

/** To be registered as a scope of its own, under the prefix. */
export function epcisRoutes(app: App, context: RouteContext, epcis: Epcis): void {
  useEpcisProblems(app);
  // Bodies stay streams: a document may be larger than memory is meant to be.
  app.removeAllContentTypeParsers();
  for (const type of ['application/json', 'application/ld+json'])
    app.addContentTypeParser(type, (_request, payload, done) => done(null, payload));
  app.addHook('onRequest', async (request, reply) => {
    sayVersions(reply);
    negotiate(request);
  });
  captureRoutes(app, context, epcis);
  eventRoutes(app, epcis);
  queryRoutes(app, context, epcis);
}
