// Lines of JSON as they arrive, each bounded.

import { CliError } from '../errors.ts';

/** A record with all its inputs and moves is far smaller. */
const LINE_CHARS_MAX = 1024 * 1024;

/** Throws CliError for a line that is too long or no JSON object. */
export async function* jsonLines(
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Record<string, unknown>> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const piece of pieces) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LINE_CHARS_MAX) throw broken();
    for (const line of lines) yield parsed(line);
  }
  if (rest.trim() !== '') yield parsed(rest);
}

function parsed(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said below, as for any other thing that is no line of ours.
  }
  throw broken();
}

function broken(): CliError {
  return new CliError('the answer is not what a Suyuan node sends; is the address right?');
}
