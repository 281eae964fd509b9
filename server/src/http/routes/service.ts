// GET /health, and the pin for the web page.

import { bytesToHex } from '@suyuan/contracts';
import { Type } from 'typebox';
import type { App } from '../context.ts';
import type { HealthCheck } from '../health.ts';
import type { Pin } from '../ports.ts';

const HealthJson = Type.Object({
  ok: Type.Boolean(),
  parts: Type.Record(Type.String(), Type.String(), { description: '`ok`, or what is wrong.' }),
});

export function healthRoute(app: App, health: HealthCheck): void {
  app.get(
    '/health',
    {
      schema: {
        summary: '200 only when every part works, else 503 with the part that does not',
        tags: ['service'],
        response: { 200: HealthJson, 503: HealthJson },
      },
    },
    async (_request, reply) => {
      const { ok, parts } = await health();
      reply.header('cache-control', 'no-store');
      return reply.code(ok ? 200 : 503).send({ ok, parts });
    },
  );
}

export function pinRoute(app: App, pin: Pin): void {
  app.get(
    '/suyuan-pin.json',
    {
      schema: {
        summary: 'The genesis hash that this server is configured with',
        description: 'A page that was built with a pin of its own ignores this one.',
        tags: ['service'],
        response: { 200: Type.Object({ genesis: Type.String(), source: Type.String() }) },
      },
    },
    async (_request, reply) => {
      reply.header('cache-control', 'no-cache');
      return { genesis: bytesToHex(pin.genesis), source: 'configuration' };
    },
  );
}
