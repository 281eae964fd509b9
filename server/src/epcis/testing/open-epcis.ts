// EPCIS over a real node, a real embedded column store and the real HTTP server, for tests.

import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClickHouseClient, createClient } from '@clickhouse/client';
import { bytesToBase64url, encodeAccess } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { createChdbConnection } from 'chdb/connection';
import type { LightMyRequestResponse as Response } from 'fastify';
import pino from 'pino';
import { silentLogger } from '../../engine/logger.ts';
import type { App } from '../../http/context.ts';
import { createHttpServer } from '../../http/server.ts';
import { createMemoryReadings } from '../../http/testing/memory-readings.ts';
import { openWorld, type SeededPacks, seedPacks, type World } from '../../http/testing/seed.ts';
import { type Epcis, openEpcis } from '../service.ts';

export interface TestEpcis {
  readonly world: World;
  /** Packs that are anchored; the column store has none of them. */
  readonly seeded: SeededPacks;
  readonly client: ClickHouseClient;
  readonly directory: string;
  app: App;
  epcis: Epcis;
  /** `Authorization` of an account; for this body, when one is given. */
  auth(account?: string, body?: string): Record<string, string>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  /** Closes and opens everything above the column store. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export async function openTestEpcis(): Promise<TestEpcis> {
  const directory = await mkdtemp(join(tmpdir(), 'suyuan-epcis-'));
  const connection: unknown = createChdbConnection({ path: join(directory, 'columns') });
  const client = createClient({ connection } as Parameters<typeof createClient>[0]);
  const world = await openWorld();
  const seeded = await seedPacks(world);
  const readings = createMemoryReadings(seeded);

  async function open(): Promise<{ app: App; epcis: Epcis }> {
    const epcis = await openEpcis({
      directory: join(directory, 'epcis'),
      client,
      node: world.node,
      clock: world.clock,
      logger: silentLogger,
      allowPrivateTargets: true,
    });
    const app = await createHttpServer({
      node: world.node,
      hash: world.hash,
      readings,
      pin: { genesis: world.node.chainId },
      clock: world.clock,
      elapsed_ms: world.clock.now_ms,
      logger: pino({ level: 'silent' }),
      epcis,
    });
    return { app, epcis };
  }

  const auth: TestEpcis['auth'] = (account = 'carrier', body) => {
    const token = encodeAccess(nodeCrypto, {
      secret: world.secretOf(account),
      account,
      chainId: world.node.chainId,
      now_ms: world.clock.now_ms(),
      lifetime_s: 300,
      nonce: new Uint8Array(randomBytes(16)),
      bodyHash:
        body === undefined ? null : new Uint8Array(createHash('sha256').update(body).digest()),
    });
    return { authorization: `Bearer ${bytesToBase64url(token)}` };
  };

  const test: TestEpcis = {
    world,
    seeded,
    client,
    directory,
    ...(await open()),
    auth,
    post: (path, body, headers = auth()) =>
      test.app.inject({
        method: 'POST',
        url: `/epcis${path}`,
        headers: { 'content-type': 'application/json', ...headers },
        payload: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    get: (path, headers = {}) => test.app.inject({ url: `/epcis${path}`, headers }),
    async restart() {
      await test.app.close();
      await test.epcis.close();
      Object.assign(test, await open());
    },
    async close() {
      await test.app.close();
      await test.epcis.close();
      await client.close();
      await world.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
  return test;
}

const CONTEXT = 'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld';

/** A valid event about one thing. */
export function objectEvent(serial: number | string, change: object = {}): object {
  return {
    type: 'ObjectEvent',
    eventTime: '2026-01-02T03:04:05.678+08:00',
    eventTimeZoneOffset: '+08:00',
    action: 'OBSERVE',
    bizStep: 'shipping',
    epcList: [`https://id.gs1.org/01/06901234567892/21/${serial}`],
    ...change,
  };
}

export function documentOf(events: readonly object[], change: object = {}): object {
  return {
    '@context': [CONTEXT, { example: 'http://ns.example.com/epcis/' }],
    type: 'EPCISDocument',
    schemaVersion: '2.0',
    creationDate: '2026-01-02T03:04:05Z',
    epcisBody: { eventList: events },
    ...change,
  };
}

/** The events of a query's answer. */
export function eventsIn(response: { json(): unknown }): Record<string, unknown>[] {
  const document = response.json() as {
    epcisBody: { queryResults: { resultsBody: { eventList: Record<string, unknown>[] } } };
  };
  return document.epcisBody.queryResults.resultsBody.eventList;
}
