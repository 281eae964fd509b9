// Against trying codes: wrong ones of one client are counted, for one unit and for all. A code has 65 bits and its commitment is
// public, so nothing is won by trying here; what is limited is the noise, and a buyer's typing errors stay far below it. There is
// no limit on a unit for everybody: a stranger could then lock the buyer out.

import { AppError } from '@suyuan/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Lru } from '../bundle/lru.ts';
import { clientOf } from '../http/unit-guard.ts';

export const TRIES = {
  /** Wrong codes of one client in the window, for one unit and for all units. */
  perUnit: 10,
  perClient: 60,
  window_ms: 15 * 60_000,
} as const;

/** Clients, and clients with a unit, that are remembered; who was quiet longest is forgotten first. */
const REMEMBERED_MAX = 20_000;

export interface Tries {
  /** Throws `http/too-many-requests`; before the code is looked at, so that a right one is no exception. */
  assertMayTry(request: FastifyRequest, reply: FastifyReply, unit: string): void;
  /** The code of this request was wrong. */
  failed(request: FastifyRequest, unit: string): void;
}

export function createTries(elapsed_ms: () => number): Tries {
  const windows = new Lru<{ readonly began_ms: number; failures: number }>(REMEMBERED_MAX);

  const current = (key: string) => {
    const window = windows.get(key);
    return window !== undefined && elapsed_ms() - window.began_ms < TRIES.window_ms
      ? window
      : undefined;
  };
  const keysOf = (request: FastifyRequest, unit: string) => {
    const client = clientOf(request.ip);
    return [
      { key: client, max: TRIES.perClient },
      { key: `${client} ${unit}`, max: TRIES.perUnit },
    ];
  };

  return {
    assertMayTry(request, reply, unit) {
      for (const { key, max } of keysOf(request, unit)) {
        const window = current(key);
        if (window === undefined || window.failures < max) continue;
        const rest_ms = TRIES.window_ms - (elapsed_ms() - window.began_ms);
        reply.header('retry-after', String(Math.max(1, Math.ceil(rest_ms / 1000))));
        throw new AppError(
          'http/too-many-requests',
          'Too many wrong codes came from this address; wait, as Retry-After says.',
        );
      }
    },
    failed(request, unit) {
      for (const { key } of keysOf(request, unit)) {
        const window = current(key);
        if (window === undefined) windows.set(key, { began_ms: elapsed_ms(), failures: 1 });
        else window.failures += 1;
      }
    },
  };
}
