// EPCIS put together: store, capture, queries, subscriptions, the ledger's own events. The launcher opens it and hands it to
// the HTTP server.

import { join } from 'node:path';
import type { ClickHouseClient } from '@clickhouse/client';
import type { CryptoProvider } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { createDeviceIndex } from '../bundle/device-index.ts';
import { type JsonStore, openJsonStore } from '../delivery/json-store.ts';
import { type Outbox, openOutbox } from '../delivery/outbox.ts';
import { createPost } from '../delivery/post.ts';
import type { NodeLogger } from '../engine/logger.ts';
import type { LedgerNode } from '../http/ports.ts';
import { type AccessDoor, createAccessDoor } from './access-door.ts';
import { type CaptureJobs, createCaptureJobs, type Job } from './capture-jobs.ts';
import { createEventStore, type EventStore } from './event-store.ts';
import { type EventPage, findEvents, type PageRequest } from './find-events.ts';
import { createLedgerFeed, type LedgerFeed } from './ledger-feed.ts';
import { JOBS_KEPT_MAX, NOTICE_TIMEOUT_MS, SUBSCRIPTIONS_MAX } from './limits.ts';
import { createNamedQueries, type NamedQueries } from './named-queries.ts';
import type { EventQuery } from './query-parameters.ts';
import { createSensorStore } from './sensor-store.ts';
import { openSpool, type Spool } from './spool.ts';
import { createStaySensors } from './stay-sensors.ts';
import { createSubscriptions, type Subscription, type Subscriptions } from './subscriptions.ts';
import { createEventWriter, type EventWriter } from './writer.ts';

export interface EpcisOptions {
  /** Of this service alone. */
  readonly directory: string;
  readonly client: ClickHouseClient;
  readonly node: LedgerNode;
  readonly clock: { now_ms(): number };
  readonly logger: NodeLogger;
  readonly crypto?: CryptoProvider;
  /** Lets webhooks stand at private and loopback addresses: for a house of one machine, and tests. */
  readonly allowPrivateTargets?: boolean;
}

export interface Epcis {
  readonly access: AccessDoor;
  readonly jobs: CaptureJobs;
  readonly spool: Spool;
  readonly writer: EventWriter;
  readonly store: EventStore;
  readonly queries: NamedQueries;
  readonly subscriptions: Subscriptions;
  readonly feed: LedgerFeed;
  /** For others who have something to tell somebody, recalls for one. */
  readonly outbox: Outbox;
  readonly now_ms: () => number;
  find(query: EventQuery, page: PageRequest): Promise<EventPage>;
  close(): Promise<void>;
}

export async function openEpcis(options: EpcisOptions): Promise<Epcis> {
  const { directory, client, node, clock, logger } = options;
  const allowPrivate = options.allowPrivateTargets ?? false;
  const now_ms = () => clock.now_ms();
  const store: JsonStore = openJsonStore(join(directory, 'state'));
  try {
    const events = createEventStore(client);
    const cursors = store
      .list<Subscription>('sub/', { limit: SUBSCRIPTIONS_MAX })
      .map(([, { cursor }]) => cursor);
    const writer = await createEventWriter(events, now_ms, Math.max(0, ...cursors));
    const running = store
      .list<Job>('job/', { limit: JOBS_KEPT_MAX })
      .flatMap(([, job]) => (job.running ? [job.captureID] : []));
    for (const id of running) writer.hide(id);
    const spool = await openSpool(join(directory, 'spool'), (id) => running.includes(id));
    const outbox = openOutbox({
      store,
      post: createPost({ allowPrivate, timeout_ms: NOTICE_TIMEOUT_MS }),
      now_ms,
      allowPrivate,
      onTrouble: ({ lane, attempts }, reason) =>
        logger.warn({ lane, attempts, reason }, 'a message was not taken; it is sent again'),
    });
    const jobs = createCaptureJobs({ store, writer, directory: spool.directory, now_ms, logger });
    const queries = createNamedQueries(store);
    const subscriptions = createSubscriptions({
      store,
      events,
      writer,
      queries,
      outbox,
      now_ms,
      allowPrivate,
      logger,
    });
    const devices = createDeviceIndex(node);
    const ending = new AbortController();
    const sensors = createStaySensors({
      node,
      devices,
      store: createSensorStore(client),
      logger,
      signal: ending.signal,
    });
    const feed = createLedgerFeed({ node, store, events, writer, sensors, logger });
    await jobs.start();
    outbox.start();
    subscriptions.start();
    feed.start();
    const crypto = options.crypto ?? nodeCrypto;
    return {
      access: createAccessDoor({ node, crypto, store, now_ms }),
      jobs,
      spool,
      writer,
      store: events,
      queries,
      subscriptions,
      feed,
      outbox,
      now_ms,
      find: (query, page) => findEvents({ store: events, writer }, query, page),
      async close() {
        ending.abort();
        await feed.stop();
        devices.stop();
        await jobs.stop();
        await subscriptions.stop();
        await outbox.stop();
        await writer.idle();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}
