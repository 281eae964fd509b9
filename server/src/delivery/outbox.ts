// The outbox: messages for other people's servers, kept until each was taken with a 2xx. Durable before `enqueue` resolves,
// in order for each lane (a subscription, a notified holder), with growing pauses between tries; a lane that is stuck holds
// up no other, and many stuck ones neither: what is tried for the first time goes before what failed, the urgent before the
// rest, and nobody's server gets all the turns. At least once: a receiver knows a repetition by its `Message-Id`.

import { AppError } from '@suyuan/contracts';
import { assertTarget } from './address-guard.ts';
import type { JsonStore } from './json-store.ts';
import type { Post } from './post.ts';

export interface OutboxMessage {
  /** Messages of one lane go out one after another, in the order in which they came. */
  readonly lane: string;
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Goes before what is not, when both may go. */
  readonly urgent?: boolean;
  /** For the one who is told of the delivery: anything small that JSON can hold. */
  readonly note?: Readonly<Record<string, string | number>>;
}

export interface StoredMessage extends OutboxMessage {
  readonly id: string;
  readonly createdAt_ms: number;
  readonly attempts: number;
  readonly nextAt_ms: number;
}

export interface OutboxOptions {
  readonly store: JsonStore;
  readonly post: Post;
  readonly now_ms: () => number;
  /** Calls back after real time; returns what stops it. */
  readonly setTimer?: (callback: () => void, delay_ms: number) => () => void;
  readonly allowPrivate: boolean;
  readonly limits?: Partial<OutboxLimits>;
  /** Told of each try that failed. */
  readonly onTrouble?: (message: StoredMessage, reason: string) => void;
}

export interface OutboxLimits {
  readonly messagesMax: number;
  readonly perLaneMax: number;
  readonly bodyChars_max: number;
  readonly firstPause_ms: number;
  readonly longestPause_ms: number;
  /** After this a message is given up. */
  readonly age_ms_max: number;
  readonly atOnce: number;
  /** To one host; whoever lets us hang keeps the rest of the turns free. */
  readonly atOnceToHost: number;
  /** What may wait that is not urgent: the rest of the room is kept for what is. */
  readonly idleMessagesMax: number;
}

export const OUTBOX_LIMITS: OutboxLimits = {
  messagesMax: 10_000,
  perLaneMax: 1_000,
  bodyChars_max: 4 * 1024 * 1024,
  firstPause_ms: 1_000,
  longestPause_ms: 600_000,
  age_ms_max: 30 * 86_400_000,
  atOnce: 16,
  atOnceToHost: 4,
  idleMessagesMax: 8_000,
};

export type Ending = 'delivered' | 'given-up';

export interface Outbox {
  /** Durable when it resolves, with the message's id. Throws `delivery/bad-target`, `delivery/too-large` or `delivery/full`. */
  enqueue(message: OutboxMessage): Promise<string>;
  /** Awaited before the message is forgotten: what it writes is durable, or it is called again after a restart. */
  onEnd(listener: (message: StoredMessage, ending: Ending) => Promise<void> | void): () => void;
  /** Told when a message has left its lane: there is room for the next. */
  onRoom(listener: (lane: string) => void): () => void;
  /** Waiting messages of a lane, oldest first. */
  waiting(lane: string): readonly StoredMessage[];
  /** Forgets what waits in a lane. */
  drop(lane: string): Promise<void>;
  /** Begins to send what waits. */
  start(): void;
  stop(): Promise<void>;
}

const PREFIX = 'outbox/';
const NUMBER_DIGITS = 12;

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

const realTimer = (callback: () => void, delay_ms: number): (() => void) => {
  const timer = setTimeout(callback, delay_ms);
  timer.unref();
  return () => clearTimeout(timer);
};

export function openOutbox(options: OutboxOptions): Outbox {
  const { store, post, now_ms } = options;
  const limits = { ...OUTBOX_LIMITS, ...options.limits };
  const setTimer = options.setTimer ?? realTimer;
  const lanes = new Map<string, StoredMessage[]>();
  /** What is on its way, by lane. */
  const busy = new Map<string, { readonly host: string; readonly again: boolean }>();
  /** Lanes that may go, the longest waiting first: urgent, urgent again, other, other again. */
  const ready: readonly Set<string>[] = [new Set(), new Set(), new Set(), new Set()];
  const pauses = new Map<string, () => void>();
  const listeners = new Set<Parameters<Outbox['onEnd']>[0]>();
  const roomListeners = new Set<(lane: string) => void>();
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  let total = 0;
  let urgent = 0;
  let next = 0;
  let started = false;

  for (const [key, message] of store.list<StoredMessage>(PREFIX, { limit: limits.messagesMax })) {
    laneOf(message.lane).push(message);
    count(message, 1);
    makeReady(message.lane);
    next = Math.max(next, Number(key.slice(PREFIX.length)) + 1);
  }

  function laneOf(name: string): StoredMessage[] {
    const lane = lanes.get(name) ?? [];
    lanes.set(name, lane);
    return lane;
  }

  const keyOf = (id: string): string => `${PREFIX}${id}`;

  function count(message: StoredMessage, change: 1 | -1): void {
    total += change;
    if (message.urgent === true) urgent += change;
  }

  function makeReady(name: string): void {
    const first = lanes.get(name)?.[0];
    if (first === undefined) return void lanes.delete(name);
    if (busy.has(name) || pauses.has(name)) return;
    ready[(first.urgent === true ? 0 : 2) + (first.attempts > 0 ? 1 : 0)]?.add(name);
  }

  function pump(): void {
    if (!started || stopping.signal.aborted) return;
    for (const lanesOfKind of ready) {
      for (const name of lanesOfKind) {
        if (busy.size >= limits.atOnce) return;
        const first = lanes.get(name)?.[0];
        if (first !== undefined && !mayGo(first)) continue;
        lanesOfKind.delete(name);
        if (first !== undefined) begin(name, first);
      }
    }
  }

  function mayGo({ url, attempts }: StoredMessage): boolean {
    const turns = [...busy.values()];
    const again = turns.filter((turn) => turn.again).length;
    // Half of the turns are for what was not tried yet.
    if (attempts > 0 && again >= Math.max(1, limits.atOnce >> 1)) return false;
    const host = hostOf(url);
    return turns.filter((turn) => turn.host === host).length < limits.atOnceToHost;
  }

  function begin(name: string, first: StoredMessage): void {
    busy.set(name, { host: hostOf(first.url), again: first.attempts > 0 });
    const turn = attempt(first)
      .catch(() => pause(name, limits.firstPause_ms))
      .finally(() => {
        busy.delete(name);
        running.delete(turn);
        makeReady(name);
        pump();
      });
    running.add(turn);
  }

  function pause(name: string, delay_ms: number): void {
    const cancel = setTimer(() => {
      pauses.delete(name);
      makeReady(name);
      pump();
    }, delay_ms);
    pauses.set(name, cancel);
  }

  async function attempt(message: StoredMessage): Promise<void> {
    const reason = await tryOnce(message);
    if (stopping.signal.aborted) return;
    if (reason === undefined) return end(message, 'delivered');
    options.onTrouble?.(message, reason);
    if (now_ms() - message.createdAt_ms >= limits.age_ms_max) return end(message, 'given-up');
    const delay_ms = Math.min(
      limits.longestPause_ms,
      limits.firstPause_ms * 2 ** Math.min(message.attempts, 20),
    );
    const again = { ...message, attempts: message.attempts + 1, nextAt_ms: now_ms() + delay_ms };
    const lane = lanes.get(message.lane);
    if (lane?.[0]?.id !== message.id) return;
    lane[0] = again;
    await store.put(keyOf(message.id), again);
    pause(message.lane, delay_ms);
  }

  async function tryOnce({ id, url, headers, body }: StoredMessage): Promise<string | undefined> {
    try {
      const sent = { ...headers, 'message-id': id };
      const status = await post({ url, headers: sent, body }, stopping.signal);
      return status >= 200 && status < 300 ? undefined : `answered ${status}`;
    } catch (error) {
      return error instanceof Error ? error.message.slice(0, 200) : 'failed';
    }
  }

  async function end(message: StoredMessage, ending: Ending): Promise<void> {
    for (const listener of listeners) await listener(message, ending);
    const lane = lanes.get(message.lane);
    if (lane?.[0]?.id !== message.id) return;
    await store.remove(keyOf(message.id));
    lane.shift();
    count(message, -1);
    for (const listener of roomListeners) listener(message.lane);
  }

  return {
    async enqueue(message) {
      assertTarget(message.url, options.allowPrivate);
      if (message.body.length > limits.bodyChars_max) {
        throw new AppError('delivery/too-large', 'The message is too long to be sent; split it.');
      }
      const lane = laneOf(message.lane);
      const full =
        message.urgent === true
          ? total >= limits.messagesMax
          : total - urgent >= Math.min(limits.idleMessagesMax, limits.messagesMax) ||
            total >= limits.messagesMax;
      if (full || lane.length >= limits.perLaneMax) {
        if (lane.length === 0) lanes.delete(message.lane);
        throw new AppError('delivery/full', 'Too many messages wait to be delivered; try later.');
      }
      const id = String(next++).padStart(NUMBER_DIGITS, '0');
      const at_ms = now_ms();
      const stored = { ...message, id, createdAt_ms: at_ms, attempts: 0, nextAt_ms: at_ms };
      // In its place at once, so that the order is that of the calls; sent only when it is durable.
      count(stored, 1);
      await store.put(keyOf(id), stored);
      laneOf(message.lane).push(stored);
      makeReady(message.lane);
      pump();
      return id;
    },
    onEnd(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    onRoom(listener) {
      roomListeners.add(listener);
      return () => void roomListeners.delete(listener);
    },
    waiting: (lane) => [...(lanes.get(lane) ?? [])],
    async drop(name) {
      const lane = lanes.get(name) ?? [];
      lanes.delete(name);
      pauses.get(name)?.();
      pauses.delete(name);
      for (const names of ready) names.delete(name);
      for (const message of lane) count(message, -1);
      await store.putMany(lane.map(({ id }) => [keyOf(id), undefined] as const));
    },
    start() {
      started = true;
      pump();
    },
    async stop() {
      stopping.abort();
      for (const cancel of pauses.values()) cancel();
      pauses.clear();
      await Promise.allSettled(running);
    },
  };
}
