// What every command does with files, servers and mistakes: one clear line each.

import { readFile, writeFile } from 'node:fs/promises';
import { AppError, hexToBytes } from '@suyuan/contracts';

/** A mistake of the person at the keyboard: printed as one line, exit code 1. */
export class CliError extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode = 1) {
    super(message);
    this.name = 'CliError';
    this.exitCode = exitCode;
  }
}

export async function readFileOr(path: string, what: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    throw new CliError(`cannot read the ${what} ${path}: ${reasonOf(error)}`);
  }
}

export async function readJson(path: string, what: string): Promise<unknown> {
  const bytes = await readFileOr(path, what);
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    throw new CliError(`the ${what} ${path} is not JSON; check it with a JSON formatter`);
  }
}

export async function writeFileOr(
  path: string,
  bytes: Uint8Array | string,
  mode = 0o644,
): Promise<void> {
  try {
    await writeFile(path, bytes, { mode });
  } catch (error) {
    throw new CliError(`cannot write ${path}: ${reasonOf(error)}`);
  }
}

/** The short reason of a failed system call, without its stack. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  const known: Record<string, string> = {
    ENOENT: 'there is no such file',
    EACCES: 'you may not do that there',
    EISDIR: 'it is a folder',
    EROFS: 'the disk is read-only',
    ENOSPC: 'the disk is full',
    ECONNREFUSED: 'nobody answers there',
  };
  return (code && known[code]) || error.message;
}

export function hexOption(text: string, what: string, size_bytes: number): Uint8Array {
  try {
    const bytes = hexToBytes(text.toLowerCase());
    if (bytes.length === size_bytes) return bytes;
  } catch {
    // The one message below says what belongs there.
  }
  throw new CliError(`${what} must be ${size_bytes * 2} hex digits`);
}

export function uintOption(text: string, what: string): number {
  const value = Number(text);
  if (!/^\d{1,15}$/.test(text) || !Number.isSafeInteger(value))
    throw new CliError(`${what} must be a whole number`);
  return value;
}

/** GET or POST that answers with bytes; a problem document becomes its own words. */
export async function request(
  url: URL,
  init: RequestInit = {},
): Promise<{ status: number; bytes: Uint8Array }> {
  let response: Response;
  try {
    response = await fetch(url, {
      redirect: 'error',
      signal: AbortSignal.timeout(60_000),
      ...init,
    });
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw new CliError(`cannot reach ${url.origin}: ${reasonOf(cause)}; is the server running?`);
  }
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (response.ok) return { status: response.status, bytes };
  throw new CliError(`${url.pathname}: ${problemText(response.status, bytes)}`);
}

function problemText(status: number, bytes: Uint8Array): string {
  try {
    const problem = JSON.parse(Buffer.from(bytes).toString('utf8')) as Record<string, unknown>;
    const text = [problem.detail, problem.title].find((part) => typeof part === 'string');
    const code = typeof problem.code === 'string' ? ` (${problem.code})` : '';
    if (text !== undefined) return `${String(text)}${code}`;
  } catch {
    // Not a problem document: the status has to do.
  }
  return `the server answered ${status}`;
}

export async function requestJson(
  url: URL,
  init: RequestInit = {},
): Promise<Record<string, unknown>> {
  const { bytes } = await request(url, init);
  return JSON.parse(Buffer.from(bytes).toString('utf8')) as Record<string, unknown>;
}

/** Prints an error as one line on standard error and gives the exit code. */
export function report(error: unknown): number {
  if (error instanceof CliError) {
    process.stderr.write(`suyuan: ${error.message}\n`);
    return error.exitCode;
  }
  if (error instanceof AppError || hasCode(error)) {
    process.stderr.write(`suyuan: ${error.message} (${error.code})\n`);
    return 1;
  }
  process.stderr.write(
    `suyuan: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return 70;
}

function hasCode(error: unknown): error is Error & { code: string } {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    error.code.includes('/')
  );
}
