// An event that may be stored: checked against the standard, with its id.

import { createHash } from 'node:crypto';
import {
  AppError,
  checkEvent,
  type EpcisContext,
  type EpcisEvent,
  eventHash,
  isWellFormedText,
  readEpcisContext,
} from '@suyuan/contracts';
import { sortedJson } from './canonical.ts';
import { type EventIndex, indexEvent } from './event-index.ts';
import { parseJson } from './split-document.ts';

export interface CheckedEvent {
  readonly id: string;
  readonly isError: boolean;
  /** The same for every spelling of this content. */
  readonly content: string;
  readonly index: EventIndex;
  /** JSON of the event without a recordTime: the repository's to say. */
  readonly json: string;
  /** JSON of its `@context`. */
  readonly context: string;
  /** Of an event of the ledger: the transaction that it is. */
  readonly of?: { readonly signer: string; readonly txId: string; readonly height: number };
}

export interface Surroundings {
  readonly context: EpcisContext;
  /** The `@context` of the document. */
  readonly contextJson: unknown;
}

const ID_CHARS_MAX = 1_024;

/** Throws `epcis/*` when the text is no event, or one that could not be given back as it came. */
export function checkEventText(text: string, around: Surroundings): CheckedEvent {
  return checkEventJson(parseJson(text), around);
}

export function checkEventJson(given: unknown, around: Surroundings): CheckedEvent {
  assertStorable(given);
  const context = hasContext(given) ? readEpcisContext(given, around.context) : around.context;
  return toChecked(checkEvent(given, context), context, around.contextJson);
}

/** Of an event that is known to be right. */
export function toChecked(
  event: EpcisEvent,
  context: EpcisContext,
  contextJson: unknown,
): CheckedEvent {
  const id = event.eventID ?? eventHash(event, context);
  if (id.length > ID_CHARS_MAX) {
    throw new AppError('epcis/invalid-event', `eventID: at most ${ID_CHARS_MAX} characters.`);
  }
  const { recordTime: _, ...kept } = event;
  const own = event['@context'] ?? contextJson ?? [];
  return {
    id,
    isError: event.errorDeclaration !== undefined,
    content: createHash('sha256').update(sortedJson(kept)).digest('base64url'),
    index: indexEvent(event),
    json: JSON.stringify(kept),
    context: JSON.stringify(own),
  };
}

function hasContext(given: unknown): boolean {
  return typeof given === 'object' && given !== null && '@context' in given;
}

/** JSON can spell numbers and texts that would not come back as they went in. */
function assertStorable(value: unknown): void {
  if (typeof value === 'number' && !Number.isFinite(value)) throw odd('a number is too large');
  if (typeof value === 'string' && !isWellFormedText(value)) {
    throw odd('a text holds half of a surrogate pair');
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    if (name === '__proto__') throw odd('__proto__ is no name');
    if (!isWellFormedText(name)) throw odd('a name holds half of a surrogate pair');
    assertStorable(member);
  }
}

function odd(what: string): AppError {
  return new AppError('epcis/invalid-event', `The event: ${what}.`);
}
