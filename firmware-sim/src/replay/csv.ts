// Bytes of a CSV or CSV.gz file → lines → fields, in constant memory and with every limit checked.

import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { AppError } from '@suyuan/contracts';

/** A logger line has five short fields. */
export const LINE_CHARS_MAX = 1024;

/** The bytes of the file at `path`, unpacked when it is gzip. Throws `replay/unreadable`. */
export async function* readMaybeGzip(path: string): AsyncGenerator<Uint8Array, void> {
  const file = createReadStream(path);
  try {
    const chunks = file[Symbol.asyncIterator]() as AsyncIterableIterator<Uint8Array>;
    const first = await chunks.next();
    if (first.done === true) return;
    const whole = restored(first.value, chunks);
    const packed = first.value[0] === 0x1f && first.value[1] === 0x8b;
    yield* packed ? unpacked(whole) : whole;
  } catch (cause) {
    const advice = `cannot read ${path}: check the path and that the file is whole`;
    throw new AppError('replay/unreadable', advice, {}, cause);
  } finally {
    file.destroy();
  }
}

async function* restored(
  first: Uint8Array,
  rest: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  yield first;
  yield* rest;
}

async function* unpacked(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const gunzip = createGunzip();
  const feed = pipeline(Readable.from(source, { objectMode: false }), gunzip);
  // Its failure also ends the iteration below, which is where it is reported.
  feed.catch(() => {});
  yield* gunzip as AsyncIterable<Uint8Array>;
}

/** One line with its number, from 1. */
export interface Line {
  readonly number: number;
  readonly text: string;
}

/** Splits at LF or CRLF. Throws `replay/line-too-long` or `replay/not-utf8`, with the line in `details`. */
export async function* toLines(
  source: AsyncIterable<Uint8Array | string>,
): AsyncGenerator<Line, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let number = 1;
  let rest = '';
  const decode = (chunk?: Uint8Array | string): string => {
    if (typeof chunk === 'string') return chunk;
    try {
      return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
    } catch {
      throw lineError('replay/not-utf8', number, 'save the file as UTF-8');
    }
  };
  for await (const chunk of source) {
    rest += decode(chunk);
    let start = 0;
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n', start)) {
      yield { number, text: checked(rest.slice(start, end), number) };
      start = end + 1;
      number += 1;
    }
    rest = rest.slice(start);
    checked(rest, number);
  }
  rest += decode();
  if (rest !== '') yield { number, text: checked(rest, number) };
}

function checked(text: string, number: number): string {
  if (text.length > LINE_CHARS_MAX) {
    throw lineError(
      'replay/line-too-long',
      number,
      `keep lines below ${LINE_CHARS_MAX} characters`,
    );
  }
  return text.endsWith('\r') ? text.slice(0, -1) : text;
}

/** The fields of a line, quotes as in RFC 4180 §2 but no line break inside a field. Throws `replay/bad-line`. */
export function toFields(line: Line): string[] {
  if (!line.text.includes('"')) return line.text.split(',');
  const fields: string[] = [];
  let rest = line.text;
  for (;;) {
    const match = /^(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/.exec(rest);
    if (match === null) {
      throw lineError(
        'replay/bad-line',
        line.number,
        'close every quote and double quotes inside one',
      );
    }
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === '') return fields;
    rest = rest.slice(match[0].length);
  }
}

/** An error that names its line, so that a person can open the file there. */
export function lineError(code: string, number: number, advice: string): AppError {
  return new AppError(code, `line ${number}: ${advice}`, { line: number });
}
