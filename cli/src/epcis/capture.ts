// A document into the EPCIS repository of a node: sent under the account's key, watched until its job has ended.

import { setTimeout as pause } from 'node:timers/promises';
import { CliError, reasonOf } from '../errors.ts';
import { requestJson, serverUrl } from '../http.ts';
import { readFileOr } from '../io.ts';
import { accessToken, BODY_BYTES_MAX } from './token.ts';

export interface CaptureOptions {
  readonly key: string;
  readonly as?: string;
  readonly errors: string;
  readonly server: string;
  readonly json?: true;
}

const LIFETIME_S = 300;
const SEND_TIMEOUT_MS = 300_000;
const POLL_FIRST_MS = 50;
const POLL_LAST_MS = 2_000;
const PROBLEM_BYTES_MAX = 1024 * 1024;
const ERRORS_SHOWN = 20;

interface Problem {
  readonly title?: unknown;
  readonly detail?: unknown;
  readonly type?: unknown;
  readonly field?: unknown;
  readonly errors?: unknown;
}

export async function captureFile(file: string, options: CaptureOptions): Promise<void> {
  const server = serverUrl(options.server);
  const body = await readFileOr(file, 'document', BODY_BYTES_MAX);
  const token = await accessToken(options, server, { lifetime_s: LIFETIME_S, body });
  const location = await send(server, body, token, options.errors);
  const job = await ended(new URL(location, server));
  if (options.json) console.log(JSON.stringify(job));
  else show(file, job);
  if (job.success !== true) process.exitCode = 1;
}

/** Gives the address of the job. Throws CliError with what is wrong with the document. */
async function send(
  server: URL,
  body: Uint8Array,
  token: string,
  behaviour: string,
): Promise<string> {
  const url = new URL('/epcis/capture', server);
  try {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'error',
      signal: AbortSignal.timeout(SEND_TIMEOUT_MS),
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'gs1-capture-error-behaviour': behaviour,
      },
      body: body as Uint8Array<ArrayBuffer>,
    });
    const location = response.headers.get('location');
    if (response.status === 202 && location !== null) return location;
    throw new CliError(await refusal(url, response));
  } catch (error) {
    if (error instanceof CliError) throw error;
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw new CliError(`cannot reach ${server.origin}: ${reasonOf(cause)}; is the server running?`);
  }
}

async function refusal(url: URL, response: Response): Promise<string> {
  const text = (await response.text()).slice(0, PROBLEM_BYTES_MAX);
  try {
    const problem = JSON.parse(text) as Problem;
    const all = Array.isArray(problem.errors) ? problem.errors : [problem];
    return `nothing was captured: ${linesOf(all).join('; ')}`;
  } catch {
    return `${url.href} answered ${response.status}; is it a Suyuan node?`;
  }
}

function linesOf(problems: readonly unknown[]): string[] {
  const lines = problems.slice(0, ERRORS_SHOWN).map((problem) => {
    const { detail, title, type, field } = (problem ?? {}) as Problem;
    const [, index] = /^\/eventList\/(\d+)/.exec(String(field)) ?? [];
    const where = index === undefined ? '' : `event ${Number(index) + 1}: `;
    return `${where}${String(detail ?? title)} (${String(type)})`;
  });
  const more = problems.length - lines.length;
  return more > 0 ? [...lines, `and ${more} more`] : lines;
}

async function ended(url: URL): Promise<Record<string, unknown>> {
  for (let wait_ms = POLL_FIRST_MS; ; wait_ms = Math.min(2 * wait_ms, POLL_LAST_MS)) {
    const job = await requestJson(url);
    if (job.running !== true) return job;
    await pause(wait_ms);
  }
}

function show(file: string, job: Record<string, unknown>): void {
  const errors = Array.isArray(job.errors) ? job.errors : [];
  const isPartial = job.success !== true && job.captureErrorBehaviour === 'proceed';
  const outcome = job.success === true ? 'captured' : isPartial ? 'in part' : 'failed';
  console.log(`${outcome.padEnd(11)} ${file}`);
  console.log(`job         ${String(job.captureID)}`);
  if (errors.length === 0) return;
  console.log(
    `errors      ${errors.length}; ${isPartial ? 'the other events are kept' : 'nothing is kept'}`,
  );
  for (const line of linesOf(errors)) console.log(`  ${line}`);
}
