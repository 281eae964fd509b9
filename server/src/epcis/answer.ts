// Events put together as an EPCISQueryDocument, each under the names that its own document gave them.

import type { StoredEvent } from './event-store.ts';

export const EPCIS_CONTEXT = 'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld';

type Json = Readonly<Record<string, unknown>>;

export interface QueryAnswer {
  readonly events: readonly StoredEvent[];
  readonly now_ms: number;
  readonly queryName?: string;
  readonly subscriptionID?: string;
}

/** The document that answers a query. */
export function queryDocument({ events, now_ms, queryName, subscriptionID }: QueryAnswer): Json {
  const { terms, list } = withContexts(events);
  return {
    '@context': terms.size === 0 ? [EPCIS_CONTEXT] : [EPCIS_CONTEXT, Object.fromEntries(terms)],
    type: 'EPCISQueryDocument',
    schemaVersion: '2.0',
    creationDate: new Date(now_ms).toISOString(),
    epcisBody: {
      queryResults: {
        ...(subscriptionID === undefined ? {} : { subscriptionID }),
        queryName: queryName ?? 'SimpleEventQuery',
        resultsBody: { eventList: list },
      },
    },
  };
}

/** The event as captured, with what a repository adds (EPCIS 2.0 §7.4.1): its id where it had none, and the recordTime. */
export function eventJson(row: StoredEvent): Json {
  const event = JSON.parse(row.event) as Json;
  const id = event.eventID === undefined ? { eventID: row.event_id } : {};
  return { ...event, ...id, recordTime: new Date(row.record_ms).toISOString() };
}

/** Prefixes that all events agree on stand in the document; an event whose own differ keeps its context. */
function withContexts(events: readonly StoredEvent[]): {
  terms: Map<string, unknown>;
  list: Json[];
} {
  const terms = new Map<string, unknown>();
  const list = events.map((row) => {
    const event = eventJson(row);
    const own = termsOf(row.context);
    const differs = own.some(([name, value]) => {
      const known = terms.get(name);
      return known !== undefined && JSON.stringify(known) !== JSON.stringify(value);
    });
    if (!differs) {
      for (const [name, value] of own) terms.set(name, value);
      return event;
    }
    return { '@context': JSON.parse(row.context) as unknown, ...event };
  });
  return { terms, list };
}

/** The names that a context gives a meaning; the URLs of others are known to every reader. */
function termsOf(context: string): [string, unknown][] {
  const parts: unknown = JSON.parse(context);
  return (Array.isArray(parts) ? parts : [parts]).flatMap((part: unknown) =>
    typeof part === 'object' && part !== null ? Object.entries(part) : [],
  );
}
