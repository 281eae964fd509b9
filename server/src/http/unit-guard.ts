// Against guessing of serials: who asks for many units that do not exist is not answered about any unit for a while. Units that
// exist cost nothing, so a market behind one address scans on.

import { isIPv6 } from 'node:net';
import { AppError } from '@suyuan/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Lru } from '../bundle/lru.ts';

/** Clients whose misses are remembered; who was quiet longest is forgotten first. */
const CLIENTS_MAX = 10_000;
const WINDOW_MS = 60_000;

export interface UnitGuard {
  /** Throws `http/too-many-requests` once the client has missed too often; before any look at the unit, so that it learns nothing. */
  assertMayAsk(request: FastifyRequest, reply: FastifyReply): void;
  /** The unit that this request asked for does not exist. */
  missed(request: FastifyRequest): void;
}

export function createUnitGuard(parts: {
  /** Misses of one client in a minute. */
  readonly missesMax: number;
  readonly elapsed_ms: () => number;
}): UnitGuard {
  const windows = new Lru<{ readonly began_ms: number; misses: number }>(CLIENTS_MAX);

  const current = (client: string) => {
    const window = windows.get(client);
    return window !== undefined && parts.elapsed_ms() - window.began_ms < WINDOW_MS
      ? window
      : undefined;
  };

  return {
    assertMayAsk(request, reply) {
      const window = current(clientOf(request.ip));
      if (window === undefined || window.misses < parts.missesMax) return;
      const rest_ms = WINDOW_MS - (parts.elapsed_ms() - window.began_ms);
      reply.header('retry-after', String(Math.max(1, Math.ceil(rest_ms / 1000))));
      throw new AppError(
        'http/too-many-requests',
        'Too many unknown units were asked for from this address; wait, as Retry-After says.',
      );
    },
    missed(request) {
      const client = clientOf(request.ip);
      const window = current(client);
      if (window === undefined) windows.set(client, { began_ms: parts.elapsed_ms(), misses: 1 });
      else window.misses += 1;
    },
  };
}

/** One client: an IPv4 address, or the /64 that an IPv6 customer holds. */
export function clientOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined || !isIPv6(address)) return mapped ?? address;
  const [head = '', tail] = (address.split('%', 1)[0] ?? '').split('::');
  const groups = head === '' ? [] : head.split(':');
  const rest = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - groups.length - rest.length;
  const all = [...groups, ...new Array<string>(Math.max(0, zeros)).fill('0'), ...rest];
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
