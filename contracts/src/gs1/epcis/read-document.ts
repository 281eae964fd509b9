// EPCIS documents: EPCISDocument, EPCISQueryDocument, or one bare event that brings its own @context (EPCIS 2.0 §10.1).

import { AppError } from '../../errors.ts';
import { checkEvent } from './check-event.ts';
import {
  anything,
  type Check,
  isRecord,
  list,
  matching,
  object,
  oneOf,
  problemsOf,
  text,
  time,
  uri,
} from './checks.ts';
import { EMPTY_CONTEXT, readEpcisContext } from './context.ts';
import { ldContext } from './event-fields.ts';
import type { EpcisContext, EpcisEvent, EpcisProblem } from './types.ts';

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

const EVENTS_MAX = 100_000;

const version = matching(/^\d+(?:\.\d+)*$/, 'A version is written as 2.0.');
const vocabulary = object(
  {
    type: uri,
    vocabularyElementList: list(
      object(
        {
          id: uri,
          attributes: list(object({ id: uri }, { required: ['id'], others: 'any' })),
          children: list(uri),
        },
        { required: ['id'], others: 'any' },
      ),
    ),
  },
  { required: ['type'], others: 'any' },
);
const header = object({
  epcisMasterData: object({ vocabularyList: list(vocabulary) }, { others: 'any' }),
});
// The events are looked at one by one, after their document.
const eventList: Check = (value, path, { report }) => {
  if (!Array.isArray(value)) report(path, 'This must be a list.');
};

const DOCUMENT = object(
  {
    '@context': ldContext,
    id: uri,
    type: oneOf('EPCISDocument'),
    schemaVersion: version,
    creationDate: time,
    instanceIdentifier: text,
    sender: text,
    receiver: text,
    epcisHeader: header,
    epcisBody: object({ eventList }, { required: ['eventList'], others: 'any' }),
  },
  { required: ['@context', 'type', 'schemaVersion', 'creationDate', 'epcisBody'] },
);
const QUERY_DOCUMENT = object(
  {
    '@context': ldContext,
    id: uri,
    type: oneOf('EPCISQueryDocument'),
    schemaVersion: version,
    creationDate: time,
    epcisBody: object(
      {
        queryResults: object(
          {
            queryName: text,
            subscriptionID: text,
            resultsBody: object(
              { eventList, vocabularyList: list(vocabulary) },
              { required: ['eventList'] },
            ),
          },
          { required: ['queryName', 'resultsBody'] },
        ),
      },
      { required: ['queryResults'] },
    ),
  },
  { required: ['@context', 'type', 'epcisBody'] },
);
const BARE_EVENT = object(
  { '@context': ldContext, type: anything },
  { required: ['@context', 'type'], others: 'any' },
);

function kindOf(json: unknown): EpcisEnvelope['kind'] {
  const type = isRecord(json) ? json.type : undefined;
  return type === 'EPCISDocument' || type === 'EPCISQueryDocument' ? type : 'event';
}

const CHECKS: Readonly<Record<EpcisEnvelope['kind'], Check>> = {
  EPCISDocument: DOCUMENT,
  EPCISQueryDocument: QUERY_DOCUMENT,
  event: BARE_EVENT,
};

/** The events of a document of that kind, undefined where it has no list of them. */
function eventsOf(json: Readonly<Record<string, unknown>>, kind: EpcisEnvelope['kind']): unknown {
  if (kind === 'event') return [json];
  let part: unknown = json.epcisBody;
  if (kind === 'EPCISQueryDocument') {
    for (const name of ['queryResults', 'resultsBody']) {
      part = isRecord(part) ? part[name] : undefined;
    }
  }
  return isRecord(part) ? part.eventList : undefined;
}

/** The document with an empty list in the place of its events, so that no check walks through them. */
function withoutEvents(json: unknown, kind: EpcisEnvelope['kind']): unknown {
  if (!isRecord(json) || kind === 'event' || !Array.isArray(eventsOf(json, kind))) return json;
  const { epcisBody } = json;
  if (!isRecord(epcisBody)) return json;
  if (kind === 'EPCISDocument') return { ...json, epcisBody: { ...epcisBody, eventList: [] } };
  const { queryResults } = epcisBody;
  if (!isRecord(queryResults) || !isRecord(queryResults.resultsBody)) return json;
  const resultsBody = { ...queryResults.resultsBody, eventList: [] };
  return { ...json, epcisBody: { ...epcisBody, queryResults: { ...queryResults, resultsBody } } };
}

/** What is wrong with a document but for the entries of its eventList, at most 16 lines. Never throws. */
export function envelopeProblems(json: unknown): EpcisProblem[] {
  const kind = kindOf(json);
  return problemsOf(CHECKS[kind], withoutEvents(json, kind), EMPTY_CONTEXT);
}

/**
 * Checks everything of a document but the entries of its eventList (which may be empty here: a reader of large documents
 * takes the events out while it streams, and gives each to `checkEvent`). Throws `epcis/invalid-document`.
 */
export function readEpcisEnvelope(json: unknown): EpcisEnvelope {
  const problems = envelopeProblems(json);
  const [first] = problems;
  if (first !== undefined) {
    throw new AppError(
      'epcis/invalid-document',
      `${first.path || 'The document'}: ${first.message}`,
      { path: first.path, problems: problems.length },
    );
  }
  return { kind: kindOf(json), context: readEpcisContext(json) };
}

/** The path of a document's eventList as an RFC 6901 pointer; empty for a bare event. */
export function eventListPath(kind: EpcisEnvelope['kind']): string {
  if (kind === 'event') return '';
  return kind === 'EPCISDocument'
    ? '/epcisBody/eventList'
    : '/epcisBody/queryResults/resultsBody/eventList';
}

/**
 * Checks a whole document with its events. Throws `epcis/invalid-document`, `epcis/invalid-event` (its path begins at the
 * document) or `epcis/too-many-events`.
 */
export function readEpcisDocument(
  json: unknown,
  { eventsMax = EVENTS_MAX }: EpcisDocumentOptions = {},
): EpcisDocumentRead {
  const envelope = readEpcisEnvelope(json);
  const document = json as Readonly<Record<string, unknown>>;
  const events = eventsOf(document, envelope.kind) as readonly unknown[];
  if (events.length > eventsMax) {
    throw new AppError(
      'epcis/too-many-events',
      `The document has ${events.length} events: send at most ${eventsMax} in one.`,
      { events: events.length, eventsMax },
    );
  }
  const base = eventListPath(envelope.kind);
  events.forEach((event, i) => {
    checkEvent(event, envelope.context, base === '' ? '' : `${base}/${i}`);
  });
  return { ...envelope, document, events: events as readonly EpcisEvent[] };
}
