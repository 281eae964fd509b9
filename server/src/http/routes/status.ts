// GET /status and its stream: what a keeper looks at. The stream is server-sent events to a bounded number of clients; a
// client that does not read is cut off, never buffered for.

import { isIP } from 'node:net';
import { AppError, bytesToHex, decodeGenesis, decodeHeader } from '@suyuan/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { App, RouteContext } from '../context.ts';
import type { HealthCheck } from '../health.ts';
import { Problem } from '../problems.ts';

const TICK_MS = 250;
/** One account of the gateway, with all its devices, serves all who ask within this time. */
const GATEWAY_KEEP_MS = 500;
const CLIENT_BUFFER_BYTES_MAX = 256 * 1024;

export const StatusJson = Type.Object({
  time_ms: Type.Integer(),
  chain: Type.Object({
    name: Type.String(),
    genesis: Type.String(),
    profile: Type.String(),
    height: Type.Integer(),
    time_ms: Type.Integer(),
    transactions: Type.Integer(),
    mempool: Type.Integer(),
  }),
  consensus: Type.Array(
    Type.Object({
      id: Type.Union([Type.String(), Type.Null()]),
      epoch: Type.Integer(),
      slot: Type.Integer(),
      leader: Type.String(),
      height: Type.Integer(),
      voting: Type.Boolean(),
      reason: Type.Union([
        Type.Object({ code: Type.String(), message: Type.String() }),
        Type.Null(),
      ]),
      failed: Type.Boolean(),
      validators: Type.Integer(),
      quorum: Type.Integer(),
      peers: Type.Array(Type.String()),
      clock: Type.Union([Type.String(), Type.Null()]),
    }),
    { description: 'The nodes of this process; none where one hand signs for all validators.' },
  ),
  gateway: Type.Unknown({ description: 'The status of the gateway in this process, or null.' }),
  health: Type.Object({
    ok: Type.Boolean(),
    parts: Type.Record(Type.String(), Type.String()),
  }),
});

/** Gives the JSON text of /status. */
export function createStatus(context: RouteContext, health: HealthCheck): () => Promise<string> {
  const { node, clock, statusSources, elapsed_ms } = context;
  const genesis = decodeGenesis(node.genesis);
  const chain = {
    name: genesis.name,
    genesis: bytesToHex(node.chainId),
    profile: node.profile,
  };
  let gateway: { readonly at_ms: number; readonly text: string } | undefined;
  const gatewayText = () => {
    const at_ms = elapsed_ms();
    if (gateway === undefined || at_ms - gateway.at_ms > GATEWAY_KEEP_MS) {
      gateway = { at_ms, text: JSON.stringify(statusSources.gateway?.() ?? null) };
    }
    return gateway.text;
  };
  return async () => {
    const height = node.height();
    const block = height === 0 ? undefined : node.block(height);
    const rest = JSON.stringify({
      time_ms: clock.now_ms(),
      chain: {
        ...chain,
        height,
        time_ms: block === undefined ? genesis.time_ms : decodeHeader(block.header).time_ms,
        ...node.totals(),
      },
      consensus: statusSources.consensus?.() ?? [],
      health: await health(),
    });
    return `${rest.slice(0, -1)},"gateway":${gatewayText()}}`;
  };
}

export function statusRoutes(app: App, context: RouteContext, health: HealthCheck): void {
  const { node, options } = context;
  const status = createStatus(context, health);
  const clients = new Map<FastifyReply, string>();
  let speaking = false;

  const speak = async () => {
    if (clients.size === 0 || speaking) return;
    speaking = true;
    try {
      const message = `event: status\ndata: ${await status()}\n\n`;
      for (const client of clients.keys()) write(client, message);
    } catch (error) {
      app.log.error({ err: error }, 'status stream could not speak');
    } finally {
      speaking = false;
    }
  };
  const write = (client: FastifyReply, message: string) => {
    if (client.raw.writableLength > CLIENT_BUFFER_BYTES_MAX) client.raw.destroy();
    else client.raw.write(message);
  };

  // Many blocks a second are one message: nobody reads faster.
  let due = false;
  let quiet_ms = 0;
  const unsubscribe = node.subscribe(() => {
    due = true;
  });
  const timer = setInterval(() => {
    quiet_ms += TICK_MS;
    if (!due && quiet_ms < options.statusInterval_ms) return;
    due = false;
    quiet_ms = 0;
    void speak();
  }, TICK_MS);
  timer.unref();
  app.addHook('preClose', async () => {
    unsubscribe();
    clearInterval(timer);
    for (const client of clients.keys()) client.raw.end();
  });

  app.get(
    '/status',
    {
      schema: {
        summary: 'The chain, the gateway and the health of every part',
        tags: ['service'],
        response: { 200: StatusJson, '5xx': Problem },
      },
    },
    async (_request, reply) => {
      return sendText(reply, await status());
    },
  );

  app.get(
    '/status/stream',
    {
      schema: {
        summary: 'The same as server-sent events, at each block and every few seconds',
        tags: ['service'],
        produces: ['text/event-stream'],
      },
    },
    async (request, reply) => {
      const first = await status();
      admit(request, clients, options);
      reply.hijack();
      clients.set(reply, request.ip);
      reply.raw.on('close', () => clients.delete(reply));
      // The headers that the plugins set on the reply go out with the raw response.
      reply.raw.writeHead(200, {
        ...definedHeaders(reply),
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
      write(reply, `retry: 3000\nevent: status\ndata: ${first}\n\n`);
    },
  );
}

/** JSON that is text already. */
function sendText(reply: FastifyReply, json: string): FastifyReply {
  return reply
    .header('cache-control', 'no-store')
    .type('application/json; charset=utf-8')
    .serializer((text: string) => text)
    .send(json);
}

function admit(
  request: FastifyRequest,
  clients: ReadonlyMap<FastifyReply, string>,
  options: RouteContext['options'],
): void {
  const same = [...clients.values()].filter((ip) => ip === request.ip).length;
  const perAddress = isIP(request.ip) === 0 ? 0 : options.statusClientsPerAddressMax;
  if (clients.size >= options.statusClientsMax || same >= perAddress) {
    throw new AppError(
      'http/busy',
      'Enough pages follow the status already; read /api/v1/status instead.',
    );
  }
}

function definedHeaders(reply: FastifyReply): Record<string, number | string | string[]> {
  const headers: Record<string, number | string | string[]> = {};
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) headers[name] = value;
  }
  return headers;
}
