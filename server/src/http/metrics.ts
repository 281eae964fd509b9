// Prometheus metrics: our own of HTTP, and the registries that the launcher hands over (gateway, engine).

import type { FastifyInstance } from 'fastify';
import { Counter, Histogram, Registry } from 'prom-client';
import type { App } from './context.ts';

const BUCKETS_SECONDS = [0.005, 0.025, 0.1, 0.5, 2, 10];

/** Counts and times every request by route pattern, so that the number of series is bounded by the number of routes. */
export function useMetrics(app: FastifyInstance): Registry {
  const registry = new Registry();
  const labelNames = ['method', 'route', 'status'] as const;
  const requests = new Counter({
    name: 'suyuan_http_requests_total',
    help: 'Requests answered.',
    labelNames,
    registers: [registry],
  });
  const seconds = new Histogram({
    name: 'suyuan_http_request_seconds',
    help: 'Time from request to answer.',
    labelNames: ['method', 'route'],
    buckets: BUCKETS_SECONDS,
    registers: [registry],
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    requests.inc({ method: request.method, route, status: String(reply.statusCode) });
    seconds.observe({ method: request.method, route }, reply.elapsedTime / 1000);
  });
  return registry;
}

export function metricsRoute(app: App, registries: readonly Registry[]): void {
  app.get(
    '/metrics',
    { schema: { summary: 'Prometheus metrics', tags: ['service'], produces: ['text/plain'] } },
    async (_request, reply) => {
      const merged = Registry.merge([...registries]);
      reply.header('cache-control', 'no-store');
      return reply.type(merged.contentType).send(await merged.metrics());
    },
  );
}
