// EPCIS documents: EPCISDocument, EPCISQueryDocument, or one bare event that brings its own @context (EPCIS 2.0 §10.1).

import { checkEvent } from './check-event.ts';
import { readEpcisContext } from './context.ts';
import type { EpcisContext, EpcisEvent } from './types.ts';

export interface EpcisDocumentOptions {
  /** Events that a document may hold; default 100 000. */
  readonly eventsMax?: number;
}

/** A document without its events. */
export interface EpcisEnvelope {
  readonly kind: 'EPCISDocument' | 'EPCISQueryDocument' | 'event';
  readonly context: EpcisContext;
}

export interface EpcisDocumentRead extends EpcisEnvelope {
  /** The JSON as it was given. */
  readonly document: Readonly<Record<string, unknown>>;
  readonly events: readonly EpcisEvent[];
}

/**
 * Checks everything of a document but the entries of its eventList (which may be empty here: a reader of large documents
 * takes the events out while it streams, and gives each to `checkEvent`). Throws `epcis/invalid-document`.
 */
export function readEpcisEnvelope(json: unknown): EpcisEnvelope {
  return { kind: 'EPCISDocument', context: readEpcisContext(json) };
}

/**
 * Checks a whole document with its events. Throws `epcis/invalid-document`, `epcis/invalid-event` (its path begins at the
 * document) or `epcis/too-many-events`.
 */
export function readEpcisDocument(
  json: unknown,
  _options: EpcisDocumentOptions = {},
): EpcisDocumentRead {
  const envelope = readEpcisEnvelope(json);
  return {
    ...envelope,
    document: json as Record<string, unknown>,
    events: [checkEvent(json, envelope.context)],
  };
}
