// Subscriptions: the events of a named query, sent to a webhook in the order in which they were recorded. Each has a cursor
// that moves only when the receiver answered with a 2xx, so that nothing is skipped over restarts and outages.

import { createHmac, randomUUID } from 'node:crypto';
import { AppError, isAppError } from '@suyuan/contracts';
import { assertTarget } from '../delivery/address-guard.ts';
import type { JsonStore } from '../delivery/json-store.ts';
import type { Outbox } from '../delivery/outbox.ts';
import type { NodeLogger } from '../engine/logger.ts';
import { queryDocument } from './answer.ts';
import type { EventStore, StoredEvent } from './event-store.ts';
import { NOTICE_EVENTS_MAX, SUBSCRIPTIONS_MAX, SUBSCRIPTIONS_PER_ACCOUNT_MAX } from './limits.ts';
import type { NamedQueries } from './named-queries.ts';
import { nextRun, readSchedule, type Schedule } from './schedule.ts';
import type { EventWriter } from './writer.ts';

export interface Subscription {
  readonly subscriptionID: string;
  readonly queryName: string;
  readonly account: string;
  readonly dest: string;
  readonly signatureToken?: string;
  readonly stream: boolean;
  readonly schedule?: Schedule;
  readonly reportIfEmpty: boolean;
  readonly initialRecordTime_ms?: number;
  readonly createdAt_ms: number;
  readonly lastNotifiedAt_ms?: number;
  /** The last event that the receiver took. */
  readonly cursor: number;
  readonly nextRun_ms?: number;
  /** A scheduled run has more to send. */
  readonly draining: boolean;
}

export interface Subscriptions {
  /** Throws `epcis/subscription`, `delivery/bad-target` or `epcis/too-many`. */
  create(account: string, queryName: string, given: unknown): Promise<Subscription>;
  /** Of this account. Throws `epcis/not-found`. */
  get(account: string, queryName: string, id: string): Subscription;
  list(account: string, queryName: string): Subscription[];
  remove(subscription: Subscription): Promise<void>;
  removeQuery(queryName: string): Promise<void>;
  start(): void;
  stop(): Promise<void>;
}

const PREFIX = 'sub/';
const TICK_MS = 500;
const BODY_CHARS_MAX = 2 * 1024 * 1024;
const laneOf = (id: string) => `epcis/${id}`;
const keyOf = ({ queryName, subscriptionID }: Subscription) =>
  `${PREFIX}${queryName}/${subscriptionID}`;

export function createSubscriptions(parts: {
  readonly store: JsonStore;
  readonly events: EventStore;
  readonly writer: EventWriter;
  readonly queries: NamedQueries;
  readonly outbox: Outbox;
  readonly now_ms: () => number;
  readonly allowPrivate: boolean;
  readonly logger: NodeLogger;
}): Subscriptions {
  const { store, events, writer, queries, outbox, now_ms, logger } = parts;
  const all = () => store.list<Subscription>(PREFIX, { limit: SUBSCRIPTIONS_MAX });
  let passing: Promise<void> | undefined;
  let again = false;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  /** One pass at a time over all subscriptions; what comes meanwhile makes one more. */
  function wake(): void {
    if (stopped) return;
    again = true;
    passing ??= pass().finally(() => {
      passing = undefined;
    });
  }

  async function pass(): Promise<void> {
    while (again && !stopped) {
      again = false;
      for (const [, subscription] of all()) {
        if (stopped) return;
        await serve(subscription).catch((error: unknown) => {
          logger.warn({ err: error, queryName: subscription.queryName }, 'subscription not served');
        });
      }
    }
  }

  async function serve(given: Subscription): Promise<void> {
    if (outbox.waiting(laneOf(given.subscriptionID)).length > 0) return;
    const subscription = await atItsTime(given);
    if (!subscription.stream && !subscription.draining) return;
    const rows = await nextEvents(subscription);
    const isRun = !subscription.stream && given.draining === false;
    if (rows.length > 0 || (isRun && subscription.reportIfEmpty)) await send(subscription, rows);
    else if (subscription.draining) await save({ ...subscription, draining: false });
  }

  /** A scheduled subscription whose time has come begins to drain. */
  async function atItsTime(subscription: Subscription): Promise<Subscription> {
    const { schedule, nextRun_ms } = subscription;
    const at_ms = now_ms();
    if (schedule === undefined || subscription.draining) return subscription;
    if (nextRun_ms === undefined || nextRun_ms > at_ms) return subscription;
    const next_ms = nextRun(schedule, at_ms);
    const { nextRun_ms: _, ...rest } = subscription;
    const due: Subscription = {
      ...rest,
      draining: true,
      ...(next_ms === undefined ? {} : { nextRun_ms: next_ms }),
    };
    await save(due);
    return due;
  }

  function nextEvents({ queryName, cursor, initialRecordTime_ms }: Subscription) {
    const { conditions } = queries.parsed(queryName);
    return events.find({
      conditions: [
        ...conditions,
        {
          sql: 'seq > {cursor:UInt64} AND record_ms >= {from_ms:Int64}',
          params: { cursor, from_ms: initialRecordTime_ms ?? 0 },
        },
      ],
      hidden: writer.hidden(),
      orderBy: 'seq',
      descending: false,
      limit: NOTICE_EVENTS_MAX,
    });
  }

  async function send(subscription: Subscription, rows: readonly StoredEvent[]): Promise<void> {
    const { subscriptionID, queryName, dest, signatureToken } = subscription;
    const sent = fitting(rows);
    const body = JSON.stringify(
      queryDocument({ events: sent, now_ms: now_ms(), queryName, subscriptionID }),
    );
    const to = sent.at(-1)?.seq ?? subscription.cursor;
    await outbox.enqueue({
      lane: laneOf(subscriptionID),
      url: dest,
      body,
      headers: {
        'content-type': 'application/json',
        'gs1-epcis-version': '2.0.0',
        'gs1-cbv-version': '2.0.0',
        ...(signatureToken === undefined
          ? {}
          : { 'gs1-signature': signatureOf(signatureToken, body) }),
      },
      note: { key: keyOf(subscription), to },
    });
  }

  async function save(subscription: Subscription): Promise<void> {
    // It may have been deleted while it was served.
    if (store.get(keyOf(subscription)) === undefined) return;
    await store.put(keyOf(subscription), subscription);
  }

  const stopListening = [
    writer.onStored(wake),
    outbox.onRoom(wake),
    outbox.onEnd(async ({ note }, ending) => {
      const subscription = store.get<Subscription>(String(note?.key ?? ''));
      if (subscription === undefined || ending !== 'delivered') return;
      const cursor = Math.max(subscription.cursor, Number(note?.to ?? 0));
      await save({ ...subscription, cursor, lastNotifiedAt_ms: now_ms() });
    }),
  ];

  return {
    async create(account, queryName, given) {
      queries.get(queryName);
      const known = all();
      const own = known.filter(([, entry]) => entry.account === account);
      if (known.length >= SUBSCRIPTIONS_MAX || own.length >= SUBSCRIPTIONS_PER_ACCOUNT_MAX) {
        const words = `An account has at most ${SUBSCRIPTIONS_PER_ACCOUNT_MAX} subscriptions; end one.`;
        throw new AppError('epcis/too-many', words);
      }
      const wish = readWish(given, parts.allowPrivate);
      const at_ms = now_ms();
      const next_ms = wish.schedule === undefined ? undefined : nextRun(wish.schedule, at_ms);
      const subscription: Subscription = {
        ...wish,
        subscriptionID: randomUUID(),
        queryName,
        account,
        createdAt_ms: at_ms,
        draining: false,
        cursor: wish.initialRecordTime_ms === undefined ? writer.latestSeq() : 0,
        ...(next_ms === undefined ? {} : { nextRun_ms: next_ms }),
      };
      await store.put(keyOf(subscription), subscription);
      wake();
      return subscription;
    },
    get(account, queryName, id) {
      const found = store.get<Subscription>(`${PREFIX}${queryName}/${id}`);
      if (found?.account !== account) {
        throw new AppError('epcis/not-found', 'You have no such subscription.');
      }
      return found;
    },
    list: (account, queryName) =>
      store
        .list<Subscription>(`${PREFIX}${queryName}/`, { limit: SUBSCRIPTIONS_MAX })
        .map(([, entry]) => entry)
        .filter((entry) => entry.account === account),
    async remove(subscription) {
      await store.remove(keyOf(subscription));
      await outbox.drop(laneOf(subscription.subscriptionID));
    },
    async removeQuery(queryName) {
      const gone = store.list<Subscription>(`${PREFIX}${queryName}/`, { limit: SUBSCRIPTIONS_MAX });
      for (const [key, { subscriptionID }] of gone) {
        await store.remove(key);
        await outbox.drop(laneOf(subscriptionID));
      }
    },
    start() {
      // Schedules have seconds; a pass with nothing due reads a few records.
      timer = setInterval(() => {
        if (all().some(([, { schedule }]) => schedule !== undefined)) wake();
      }, TICK_MS);
      timer.unref();
      wake();
    },
    async stop() {
      stopped = true;
      clearInterval(timer);
      for (const stop of stopListening) stop();
      await passing;
    },
  };
}

/** HMAC-SHA-256 of the body under the subscriber's own token: `sha256=` and 64 hex digits. */
export function signatureOf(signatureToken: string, body: string): string {
  return `sha256=${createHmac('sha256', signatureToken).update(body).digest('hex')}`;
}

function fitting(rows: readonly StoredEvent[]): readonly StoredEvent[] {
  let size = 0;
  const end = rows.findIndex((row, n) => {
    size += row.event.length + row.context.length;
    return n > 0 && size > BODY_CHARS_MAX;
  });
  return end < 0 ? rows : rows.slice(0, end);
}

type Wish = Pick<
  Subscription,
  'dest' | 'signatureToken' | 'stream' | 'schedule' | 'reportIfEmpty' | 'initialRecordTime_ms'
>;

const MEMBERS = [
  'dest',
  'signatureToken',
  'stream',
  'schedule',
  'reportIfEmpty',
  'initialRecordTime',
];

function readWish(given: unknown, allowPrivate: boolean): Wish {
  const wish = (typeof given === 'object' && given !== null ? given : {}) as Record<
    string,
    unknown
  >;
  const odd = Object.keys(wish).find((name) => !MEMBERS.includes(name));
  if (odd !== undefined) throw wrong(`A subscription has no member ${odd.slice(0, 32)}.`);
  const { dest, signatureToken, stream, schedule, reportIfEmpty, initialRecordTime } = wish;
  const isStream = stream === true;
  if (
    isStream === (schedule !== undefined) ||
    (stream !== undefined && typeof stream !== 'boolean')
  )
    throw wrong('Give either "stream": true or a schedule.');
  if (reportIfEmpty !== undefined && typeof reportIfEmpty !== 'boolean')
    throw wrong('reportIfEmpty: say true or false.');
  const from_ms = typeof initialRecordTime === 'string' ? Date.parse(initialRecordTime) : undefined;
  if (initialRecordTime !== undefined && !Number.isFinite(from_ms))
    throw wrong('initialRecordTime: give a time with its zone.');
  return {
    dest: targetOf(dest, allowPrivate),
    stream: isStream,
    reportIfEmpty: reportIfEmpty === true,
    ...(signatureToken === undefined ? {} : { signatureToken: secretOf(signatureToken) }),
    ...(schedule === undefined ? {} : { schedule: readSchedule(schedule) }),
    ...(from_ms === undefined ? {} : { initialRecordTime_ms: from_ms }),
  };
}

function secretOf(token: unknown): string {
  if (typeof token !== 'string' || token === '' || token.length > 512)
    throw wrong('signatureToken: a text of 1 to 512 characters.');
  return token;
}

function targetOf(dest: unknown, allowPrivate: boolean): string {
  try {
    return assertTarget(dest, allowPrivate).href;
  } catch (error) {
    throw isAppError(error) ? wrong(`dest: ${error.message}`) : error;
  }
}

function wrong(message: string): AppError {
  return new AppError('epcis/subscription', message);
}
