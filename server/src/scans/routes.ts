// POST /scans counts that a unit was looked at, GET /scans tells how often. No address is stored, logged or answered here.

import type { Reveals, ScanHistory } from '@suyuan/contracts';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { App, RouteContext } from '../http/context.ts';
import { params } from '../http/params.ts';
import { malformed, Problem } from '../http/problems.ts';
import type { RevealDesk } from '../reveals/desk.ts';
import { AREA_CHARS_MAX, areaOfHeader, cleanArea } from './area.ts';
import { dayOf } from './days.ts';
import type { ScanStore } from './store.ts';
import { Link, type UnitDoor } from './unit-door.ts';
import type { Visitors } from './visitor.ts';

const WINDOW_MS = 60_000;
const BODY_BYTES_MAX = 2_048;

const Day = Type.String({ description: 'YYYY-MM-DD in UTC+8' });
const Count = Type.Integer({ minimum: 0 });

const History = Type.Object(
  {
    scans: Count,
    visitors: Type.Integer({
      description:
        'Sum over the days: tokens change daily, so who comes back tomorrow counts again.',
    }),
    firstDay: Type.Union([Day, Type.Null()]),
    lastDay: Type.Union([Day, Type.Null()]),
    days: Type.Array(Type.Object({ day: Day, scans: Count, visitors: Count })),
    earlier: Type.Object({ days: Count, scans: Count, visitors: Count }),
    areas: Type.Object({ network: Count, chosen: Count }),
    reveals: Type.Union(
      [
        Type.Object({
          revealedAt_ms: Type.Union([Type.Integer(), Type.Null()]),
          again: Count,
        }),
        Type.Null(),
      ],
      {
        description:
          'Of the hidden code; null where the label has none. `again` is a count of this server.',
      },
    ),
  },
  { description: 'Counted by this server and proven by nothing; see judgeScans in contracts.' },
);

export interface ScanParts {
  readonly store: ScanStore;
  readonly visitors: Visitors;
  readonly unitOf: UnitDoor;
  /** Absent where nothing is known of hidden codes. */
  readonly reveals?: RevealDesk | undefined;
}

export function scanRoutes(app: App, context: RouteContext, parts: ScanParts): void {
  const { clock, options } = context;
  const { store, visitors, unitOf, reveals } = parts;
  let swept = -1;

  /** Once a day, beside the work. */
  const sweepOn = (day: number, request: FastifyRequest): void => {
    if (day === swept) return;
    swept = day;
    store
      .sweep(day)
      .catch((error: unknown) => request.log.error({ err: error }, 'old scans were not swept'));
  };

  app.post(
    '/scans',
    {
      bodyLimit: BODY_BYTES_MAX,
      config: { rateLimit: { max: options.scanRate, timeWindow: WINDOW_MS } },
      schema: {
        summary: 'Count a scan of a unit',
        description:
          'Kept: the day (UTC+8), a visitor token of a salt that is thrown away every day, and a coarse area if the ' +
          'person chose one or the network of the operator tells it. Sending it again with `area` adds the area to the same scan.',
        tags: ['scans'],
        body: params({
          link: Link,
          area: Type.Optional(
            Type.String({
              minLength: 1,
              maxLength: AREA_CHARS_MAX,
              description: 'Township or city, letters only',
            }),
          ),
        }),
        response: { 200: History, '4xx': Problem, '5xx': Problem },
      },
    },
    async (request, reply) => {
      const { link, area } = request.body;
      const chosen = area === undefined ? undefined : cleanArea(area);
      if (area !== undefined && chosen === undefined) {
        throw malformed('area', 'An area is the name of a township or city, in letters.');
      }
      const { unit, proof } = unitOf(request, reply, link);
      const day = dayOf(clock.now_ms());
      sweepOn(day, request);
      reply.header('cache-control', 'no-store');
      const history = await store.add(unit, {
        day,
        token: visitors.token(day, request.ip, request.headers['user-agent'] ?? ''),
        network: networkArea(request, options),
        chosen,
      });
      return answerOf(history, reveals?.revealsOf(unit, proof));
    },
  );

  app.get(
    '/scans',
    {
      schema: {
        summary: 'How often a unit was scanned',
        tags: ['scans'],
        querystring: params({ link: Link }),
        response: { 200: History, '4xx': Problem },
      },
    },
    async (request, reply) => {
      const { unit, proof } = unitOf(request, reply, request.query.link);
      reply.header('cache-control', 'no-store');
      return answerOf(store.history(unit), reveals?.revealsOf(unit, proof));
    },
  );
}

function answerOf(history: ScanHistory, reveals: Reveals | null = null) {
  return { ...history, days: [...history.days], reveals };
}

/** The header counts only where it comes through a proxy that is trusted: `ips` is there only then, and longer than one. */
function networkArea(
  request: FastifyRequest,
  { areaHeader, trustedProxies }: RouteContext['options'],
): string | undefined {
  if (areaHeader === undefined || trustedProxies.length === 0) return undefined;
  if ((request.ips?.length ?? 0) < 2) return undefined;
  return areaOfHeader(request.headers[areaHeader.toLowerCase()]);
}
