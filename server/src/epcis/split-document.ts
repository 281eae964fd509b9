// Takes the events out of an EPCIS document while it arrives, so that memory holds one event at a time. Works on bytes: what is
// between the events is checked here, the envelope and each event by JSON.parse.

import { AppError } from '@suyuan/contracts';
import {
  CAPTURE_EVENTS_MAX,
  ENVELOPE_BYTES_MAX,
  EVENT_BYTES_MAX,
  JSON_DEPTH_MAX,
} from './limits.ts';

export interface SplitterOptions {
  readonly eventsMax?: number;
  readonly eventBytesMax?: number;
  readonly envelopeBytesMax?: number;
}

export interface Splitter {
  /** The text of each event that ends in this chunk, in order. Throws `epcis/bad-json` or `epcis/too-large`. */
  push(chunk: Uint8Array): string[];
  /** The document with an empty eventList, once everything was pushed. Throws `epcis/bad-json`. */
  end(): { readonly envelope: unknown; readonly events: number; readonly hasList: boolean };
}

interface Level {
  readonly object: boolean;
  /** The name under which the next value stands, and whether a name is due. */
  name: string;
  nameDue: boolean;
}

const LISTS = ['epcisBody/eventList', 'epcisBody/queryResults/resultsBody/eventList'];

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY] = [0x7b, 0x7d, 0x5b, 0x5d];
const isSpace = (byte: number): boolean =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

export function createSplitter(options: SplitterOptions = {}): Splitter {
  const eventsMax = options.eventsMax ?? CAPTURE_EVENTS_MAX;
  const envelope = createGrowing(options.envelopeBytesMax ?? ENVELOPE_BYTES_MAX, 'document');
  const event = createGrowing(options.eventBytesMax ?? EVENT_BYTES_MAX, 'event');
  const levels: Level[] = [];
  let nameBytes: number[] | undefined;
  let inString = false;
  let escaped = false;
  /** Within the list: what may come next. */
  let due: 'first' | 'event' | 'comma' | undefined;
  /** Depth within the event that is being read. */
  let depth = 0;
  let events = 0;
  let hasList = false;

  function inEvent(byte: number, found: string[]): void {
    event.add(byte);
    if (inString) stringByte(byte);
    else if (byte === QUOTE) inString = true;
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      depth += 1;
      deepen(depth);
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      depth -= 1;
      if (depth > 0) return;
      events += 1;
      if (events > eventsMax) {
        throw new AppError('epcis/too-large', `A document may hold ${eventsMax} events; split it.`);
      }
      found.push(event.take());
      due = 'comma';
    }
  }

  function stringByte(byte: number): void {
    if (escaped) escaped = false;
    else if (byte === BACKSLASH) escaped = true;
    else if (byte === QUOTE) inString = false;
  }

  function inList(byte: number): void {
    if (isSpace(byte)) return;
    if (byte === OPEN_OBJECT && due !== 'comma') {
      due = undefined;
      depth = 1;
      event.add(byte);
    } else if (byte === COMMA && due === 'comma') due = 'event';
    else if (byte === CLOSE_ARRAY && due !== 'event') {
      due = undefined;
      envelope.add(byte);
    } else throw badJson('In the eventList stand objects with commas between them.');
  }

  function inEnvelope(byte: number): void {
    envelope.add(byte);
    const level = levels.at(-1);
    if (inString) {
      nameBytes?.push(byte);
      stringByte(byte);
      if (!inString && nameBytes !== undefined && level !== undefined) {
        level.name = parseText(Buffer.from(nameBytes).toString('utf8'));
        nameBytes = undefined;
      }
      return;
    }
    if (byte === QUOTE) {
      inString = true;
      nameBytes = level?.nameDue === true ? [byte] : undefined;
    } else if (byte === COLON && level !== undefined) level.nameDue = false;
    else if (byte === COMMA && level !== undefined) level.nameDue = level.object;
    else if (byte === OPEN_OBJECT) {
      levels.push({ object: true, name: '', nameDue: true });
      deepen(levels.length);
    } else if (byte === OPEN_ARRAY) openArray();
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) levels.pop();
  }

  function openArray(): void {
    if (levels.every(({ object }) => object)) {
      const path = levels.map(({ name }) => name).join('/');
      if (LISTS.includes(path)) {
        if (hasList) throw badJson('A document has one eventList.');
        hasList = true;
        due = 'first';
        return;
      }
    }
    levels.push({ object: false, name: '', nameDue: false });
    deepen(levels.length);
  }

  return {
    push(chunk) {
      const found: string[] = [];
      for (const byte of chunk) {
        if (depth > 0) inEvent(byte, found);
        else if (due !== undefined) inList(byte);
        else inEnvelope(byte);
      }
      return found;
    },
    end() {
      if (depth > 0 || due !== undefined || inString) throw badJson('The document is cut off.');
      return { envelope: parseJson(envelope.take()), events, hasList };
    },
  };
}

/** Throws `epcis/bad-json`. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badJson('The body is not JSON.');
  }
}

function parseText(literal: string): string {
  const value = parseJson(literal);
  return typeof value === 'string' ? value : '';
}

function deepen(depth: number): void {
  if (depth > JSON_DEPTH_MAX) throw badJson(`Nest at most ${JSON_DEPTH_MAX} levels deep.`);
}

function badJson(message: string): AppError {
  return new AppError('epcis/bad-json', message);
}

/** Bytes that grow up to a limit, taken as text. */
function createGrowing(max_bytes: number, what: string) {
  let bytes = new Uint8Array(4_096);
  let length = 0;
  const decoder = new TextDecoder('utf-8', { fatal: true });
  return {
    add(byte: number): void {
      if (length === bytes.length) {
        if (length >= max_bytes) {
          throw new AppError('epcis/too-large', `One ${what} may have ${max_bytes} bytes.`);
        }
        const larger = new Uint8Array(Math.min(max_bytes, length * 2));
        larger.set(bytes);
        bytes = larger;
      }
      bytes[length] = byte;
      length += 1;
    },
    take(): string {
      const taken = bytes.subarray(0, length);
      length = 0;
      try {
        return decoder.decode(taken);
      } catch {
        throw badJson('The body is not UTF-8.');
      }
    },
  };
}
