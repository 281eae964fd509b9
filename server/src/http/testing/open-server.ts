// The whole server over the seeded world, for tests.

import type { Profile } from '@suyuan/contracts';
import pino from 'pino';
import type { App } from '../context.ts';
import type { HttpOptions } from '../options.ts';
import { createHttpServer, type HttpServerDeps } from '../server.ts';
import { createMemoryReadings, type MemoryReadings } from './memory-readings.ts';
import { openWorld, type SeededPacks, seedLot, seedPacks, type World } from './seed.ts';

export interface OpenServer {
  readonly world: World;
  readonly seeded: SeededPacks;
  readonly readings: MemoryReadings;
  readonly app: App;
  close(): Promise<void>;
}

export async function openServer(
  deps: Partial<HttpServerDeps> = {},
  options: Partial<HttpOptions> = {},
  profile: Profile = 'international',
): Promise<OpenServer> {
  const world = await openWorld(profile);
  await seedLot(world);
  const seeded = await seedPacks(world);
  return openServerOver(world, seeded, deps, options);
}

/** The same over a world of the caller's own; `close` closes the world too. */
export async function openServerOver(
  world: World,
  seeded: SeededPacks,
  deps: Partial<HttpServerDeps> = {},
  options: Partial<HttpOptions> = {},
): Promise<OpenServer> {
  const readings = createMemoryReadings(seeded);
  const app = await createHttpServer(
    {
      node: world.node,
      hash: world.hash,
      readings,
      pin: { genesis: world.node.chainId },
      clock: world.clock,
      elapsed_ms: world.clock.now_ms,
      logger: pino({ level: 'silent' }),
      ...deps,
    },
    options,
  );
  const close = async () => {
    await app.close();
    await world.close();
  };
  return { world, seeded, readings, app, close };
}

/** A problem answer, checked for its form. */
export function problemIn(response: {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}): {
  readonly status: number;
  readonly code: string;
  readonly field?: string;
  readonly detail: string;
} {
  if (!String(response.headers['content-type']).startsWith('application/problem+json')) {
    throw new Error(`not a problem: ${response.statusCode} ${response.body.slice(0, 200)}`);
  }
  const problem = JSON.parse(response.body);
  for (const member of ['type', 'title', 'status', 'detail', 'instance', 'code']) {
    if (!(member in problem)) throw new Error(`a problem without ${member}`);
  }
  if (problem.status !== response.statusCode) throw new Error('status and body differ');
  return problem;
}
