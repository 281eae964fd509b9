// Pages of events: a snapshot of what was there when the first page was asked for, cut by count and by bytes.

import { AppError } from '@suyuan/contracts';
import type { Condition, EventStore, StoredEvent } from './event-store.ts';
import { PAGE_BYTES_MAX } from './limits.ts';
import { decodePageToken, encodePageToken, type PageToken, queryHash } from './page-token.ts';
import type { EventQuery } from './query-parameters.ts';
import type { EventWriter } from './writer.ts';

export interface EventPage {
  readonly events: readonly StoredEvent[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface PageRequest {
  readonly perPage: number;
  readonly nextPageToken?: unknown;
}

/** Throws `epcis/query-too-large`, `epcis/query-too-complex` or `epcis/bad-page`. */
export async function findEvents(
  parts: { readonly store: EventStore; readonly writer: EventWriter },
  query: EventQuery,
  { perPage, nextPageToken }: PageRequest,
): Promise<EventPage> {
  const { store, writer } = parts;
  const hash = queryHash(query);
  const token = nextPageToken === undefined ? undefined : decodePageToken(nextPageToken, hash);
  const upTo = token?.upTo ?? writer.latestSeq();
  const hidden = writer.hidden();
  const conditions: Condition[] = [
    ...query.conditions,
    { sql: 'seq <= {up_to:UInt64}', params: { up_to: upTo } },
  ];
  if (query.maxEventCount !== undefined && token === undefined) {
    const max = query.maxEventCount;
    const count = await bounded(() => store.count(conditions, hidden, max + 1));
    if (count > max) {
      throw new AppError('epcis/query-too-large', `More than ${max} events match; ask for less.`);
    }
  }
  const left = token?.left ?? query.eventCountLimit ?? -1;
  const wanted = left < 0 ? perPage : Math.min(perPage, left);
  const { orderBy, descending } = query;
  const after = token === undefined ? {} : { after: token };
  const rows = await bounded(() =>
    store.find({ conditions, hidden, orderBy, descending, limit: wanted + 1, ...after }),
  );
  const events = withinBytes(rows.slice(0, wanted));
  const last = events.at(-1);
  const stillLeft = left < 0 ? -1 : left - events.length;
  if (last === undefined || rows.length <= events.length || stillLeft === 0) return { events };
  const next: PageToken = { value: last[orderBy], seq: last.seq, upTo, left: stillLeft };
  return { events, next: encodePageToken(hash, next) };
}

function withinBytes(rows: readonly StoredEvent[]): StoredEvent[] {
  let size = 0;
  const kept: StoredEvent[] = [];
  for (const row of rows) {
    size += row.event.length + row.context.length;
    if (kept.length > 0 && size > PAGE_BYTES_MAX) break;
    kept.push(row);
  }
  return kept;
}

/** ClickHouse: TIMEOUT_EXCEEDED, MEMORY_LIMIT_EXCEEDED, TOO_SLOW. */
const BOUND_REACHED = new Set(['159', '241', '160']);

/** Throws `epcis/query-too-complex` when the store gave the query up. */
export async function bounded<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (!BOUND_REACHED.has(code)) throw error;
    throw new AppError(
      'epcis/query-too-complex',
      'The query costs more than one may; narrow it, by time for example.',
      {},
      error,
    );
  }
}
