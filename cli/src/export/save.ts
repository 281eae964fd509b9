// An answer or a file of ours on the disk, under its name only when it is whole.

import { randomUUID } from 'node:crypto';
import { createWriteStream, type WriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CliError, reasonOf, systemCodeOf } from '../errors.ts';
import { request } from '../http.ts';
import { cannotWrite } from '../io.ts';

/** The largest table or document of events that is taken from a server. */
const SAVED_BYTES_MAX = 4 * 1024 ** 3;
const TIMEOUT_MS = 600_000;

/** Throws CliError where the file cannot be written; what `write` throws passes. */
export async function saveWhole(
  path: string,
  write: (out: WriteStream) => Promise<unknown>,
): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  try {
    await write(createWriteStream(draft, { flags: 'wx', mode: 0o644 }));
    await rename(draft, path);
  } catch (error) {
    throw systemCodeOf(error) === undefined ? error : cannotWrite(path, error);
  } finally {
    await rm(draft, { force: true }).catch(() => undefined);
  }
}

/** Streams an answer to `out`; gives its size. An answer that breaks off is refused. Throws CliError. */
export async function download(url: URL, out: WriteStream): Promise<number> {
  let size = 0;
  let response: Response;
  try {
    response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (error) {
    out.destroy();
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw new CliError(`cannot reach ${url.origin}: ${reasonOf(cause)}; is the server running?`);
  }
  if (!response.ok) {
    await response.body?.cancel();
    out.destroy();
    // Asked again for the problem in its own words, which `request` knows to tell.
    await request(url);
    throw new CliError(`${url.origin}${url.pathname} answered ${response.status}; try again`);
  }
  async function* counted() {
    try {
      for await (const chunk of response.body ?? []) {
        size += chunk.length;
        if (size > SAVED_BYTES_MAX) throw new CliError(`${url.origin} answers without end`);
        yield chunk;
      }
    } catch (error) {
      if (error instanceof CliError) throw error;
      throw new CliError(`${url.origin} broke off the export after ${size} bytes; ask again`);
    }
  }
  await pipeline(Readable.from(counted()), out);
  return size;
}
