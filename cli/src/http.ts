// Requests to a node: bounded answers, and problems (RFC 9457) turned into their own words.

import { CliError, reasonOf } from './errors.ts';

export const DEFAULT_SERVER = 'http://localhost:8080';

/** A refusal in a node's own words (RFC 9457). */
export class ProblemError extends CliError {
  readonly status: number;
  /** `http/unknown` where the answer has none. */
  readonly code: string;
  readonly detail: string;
  constructor(message: string, problem: { status: number; code: string; detail: string }) {
    super(message);
    this.name = 'ProblemError';
    this.status = problem.status;
    this.code = problem.code;
    this.detail = problem.detail;
  }
}

/** A bundle is the largest thing that a node answers with. */
const ANSWER_BYTES_MAX = 16 * 1024 * 1024;
const TIMEOUT_MS = 60_000;
/** A node reads a trace for at most two minutes. */
const STREAM_TIMEOUT_MS = 150_000;

/** The origin of a node. */
export function serverUrl(text: string): URL {
  if (!URL.canParse(text) || !/^https?:\/\//.test(text))
    throw new CliError(`${text} is not an http(s) address`);
  return new URL(text);
}

/** GET, or as `init` says, that answers with bytes. Throws CliError. */
export async function request(url: URL, init: RequestInit = {}): Promise<Uint8Array> {
  let response: Response;
  let bytes: Uint8Array;
  try {
    response = await fetch(url, {
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...init,
    });
    bytes = await boundedBody(response);
  } catch (error) {
    if (error instanceof CliError) throw error;
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw new CliError(`cannot reach ${url.origin}: ${reasonOf(cause)}; is the server running?`);
  }
  if (response.ok) return bytes;
  throw problemOf(url, response.status, bytes);
}

/** GET of an answer that may be of any length, a piece at a time. Throws CliError, also when it breaks off. */
export async function* requestStream(url: URL): AsyncGenerator<Uint8Array> {
  let response: Response;
  try {
    response = await fetch(url, {
      redirect: 'error',
      signal: AbortSignal.timeout(STREAM_TIMEOUT_MS),
    });
    if (!response.ok) throw problemOf(url, response.status, await boundedBody(response));
    for await (const piece of response.body ?? []) yield piece;
  } catch (error) {
    if (error instanceof CliError) throw error;
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw new CliError(`${url.origin} did not answer to the end: ${reasonOf(cause)}; ask again`);
  }
}

export async function requestJson(
  url: URL,
  init: RequestInit = {},
): Promise<Record<string, unknown>> {
  const value = parsed(await request(url, init));
  if (typeof value !== 'object' || value === null)
    throw new CliError(`${url.href} did not answer with JSON; is it a Suyuan node?`);
  return value as Record<string, unknown>;
}

async function boundedBody(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > ANSWER_BYTES_MAX)
      throw new CliError(`${response.url} answers with more than ${ANSWER_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}

function problemOf(url: URL, status: number, bytes: Uint8Array): ProblemError {
  const problem = parsed(bytes);
  if (typeof problem === 'object' && problem !== null) {
    const { detail, title, code } = problem as Record<string, unknown>;
    const text = [detail, title].find((part) => typeof part === 'string');
    if (typeof text === 'string') {
      const named = typeof code === 'string';
      const message = `${text}${named ? ` (${code})` : ''}`;
      return new ProblemError(message, {
        status,
        code: named ? code : 'http/unknown',
        detail: text,
      });
    }
  }
  const detail = `${url.origin}${url.pathname} answered ${status}`;
  return new ProblemError(detail, { status, code: 'http/unknown', detail });
}
