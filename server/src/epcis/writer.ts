// The one way into the event store: captures one after another, each seen as a whole or not at all.

import { AppError } from '@suyuan/contracts';
import type { CheckedEvent } from './checked-event.ts';
import type { EventRow, EventStore, Grade } from './event-store.ts';
import { INSERT_BYTES_MAX, INSERT_EVENTS_MAX } from './limits.ts';

export interface Origin {
  readonly capture: string;
  readonly account: string;
  readonly grade: Grade;
  readonly signed: boolean;
}

export interface Written {
  /** Events that were not there before. */
  readonly stored: number;
  /** The same content under the same id was there: nothing to do. */
  readonly repeated: number;
}

export interface EventWriter {
  /**
   * Stores the events; nothing is seen before all are there, and nothing stays if it throws. `onConflict` is told of an
   * id that the account has used for another content; what it throws ends the capture.
   */
  write(
    origin: Origin,
    events: AsyncIterable<CheckedEvent> | Iterable<CheckedEvent>,
    onConflict: (error: AppError) => void,
  ): Promise<Written>;
  /** Removes what a capture left behind that was cut short, and lets others be seen. */
  discard(capture: string): Promise<void>;
  /** Captures that are not to be seen. */
  hidden(): string[];
  /** Call it before the first query: captures that were cut short stay hidden until they are discarded. */
  hide(capture: string): void;
  /** The last `seq` that may be seen: what is captured from now on lies above it. */
  latestSeq(): number;
  onStored(listener: () => void): () => void;
  idle(): Promise<void>;
}

export async function createEventWriter(
  store: EventStore,
  now_ms: () => number,
  /** Numbers up to here were seen by somebody, though their events may have been removed: not given again. */
  seenSeq = 0,
): Promise<EventWriter> {
  await store.migrate();
  const latest = await store.latest();
  let seq = Math.max(latest.seq, seenSeq);
  let { record_ms } = latest;
  let visibleSeq = seq;
  const hidden = new Set<string>();
  const listeners = new Set<() => void>();
  let turn: Promise<unknown> = Promise.resolve();

  function inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = turn.then(act, act);
    turn = done.catch(() => {});
    return done;
  }

  async function addBatch(
    origin: Origin,
    batch: readonly CheckedEvent[],
    onConflict: (error: AppError) => void,
  ): Promise<Written> {
    const ids = batch.map(({ id }) => id);
    const known = new Map<string, string>();
    // The ledger has each of its events once; no stranger's claim to an id stands in their way.
    const claims = origin.grade === 'proven' ? [] : await store.known(origin.account, ids);
    for (const { id, isError, content } of claims) known.set(keyOf(id, isError), content);
    const rows: EventRow[] = [];
    let repeated = 0;
    for (const event of batch) {
      const key = keyOf(event.id, event.isError);
      const content = known.get(key);
      if (content === event.content) repeated += 1;
      else if (content !== undefined) onConflict(conflict(event.id));
      else {
        known.set(key, event.content);
        seq += 1;
        rows.push(rowOf(origin, event, seq, record_ms));
      }
    }
    await store.insert(rows);
    return { stored: rows.length, repeated };
  }

  async function writeAll(
    origin: Origin,
    events: AsyncIterable<CheckedEvent> | Iterable<CheckedEvent>,
    onConflict: (error: AppError) => void,
  ): Promise<Written> {
    record_ms = Math.max(record_ms, now_ms());
    let stored = 0;
    let repeated = 0;
    let batch: CheckedEvent[] = [];
    let size = 0;
    const flush = async () => {
      const added = await addBatch(origin, batch, onConflict);
      stored += added.stored;
      repeated += added.repeated;
      batch = [];
      size = 0;
    };
    for await (const event of events) {
      batch.push(event);
      size += event.json.length;
      if (batch.length >= INSERT_EVENTS_MAX || size >= INSERT_BYTES_MAX) await flush();
    }
    if (batch.length > 0) await flush();
    return { stored, repeated };
  }

  return {
    write: (origin, events, onConflict) =>
      inTurn(async () => {
        hidden.add(origin.capture);
        try {
          const written = await writeAll(origin, events, onConflict);
          hidden.delete(origin.capture);
          visibleSeq = seq;
          for (const listener of listeners) listener();
          return written;
        } catch (error) {
          // Stays hidden if even this fails; the next start tries again.
          await store.removeCapture(origin.capture);
          hidden.delete(origin.capture);
          throw error;
        }
      }),
    discard: (capture) =>
      inTurn(async () => {
        await store.removeCapture(capture);
        hidden.delete(capture);
      }),
    hidden: () => [...hidden],
    hide: (capture) => void hidden.add(capture),
    latestSeq: () => visibleSeq,
    onStored(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async idle() {
      await turn;
    },
  };
}

const keyOf = (id: string, isError: boolean): string => `${isError ? 1 : 0}${id}`;

function rowOf(origin: Origin, event: CheckedEvent, seq: number, record_ms: number): EventRow {
  return {
    seq,
    capture: origin.capture,
    captured_by: event.of?.signer ?? origin.account,
    grade: origin.grade,
    signed: origin.signed ? 1 : 0,
    tx: event.of?.txId ?? '',
    height: event.of?.height ?? 0,
    event_id: event.id,
    content: event.content,
    is_error: event.isError ? 1 : 0,
    record_ms,
    context: event.context,
    event: event.json,
    ...event.index,
  };
}

function conflict(id: string): AppError {
  return new AppError(
    'epcis/event-exists',
    `Your account has captured another event under the id ${id.slice(0, 200)}; correct it with an errorDeclaration.`,
  );
}
