// A document on its way in: to the disk as it comes, its form checked and its bytes hashed on the way.

import { createHash } from 'node:crypto';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@suyuan/contracts';
import { CAPTURE_BYTES_MAX, SPOOL_BYTES_MAX } from './limits.ts';
import { createSplitter } from './split-document.ts';

export interface SpooledDocument {
  readonly id: string;
  readonly path: string;
  readonly size_bytes: number;
  /** SHA-256, 32 bytes. */
  readonly hash: Uint8Array;
  readonly envelope: unknown;
  readonly events: number;
  readonly hasList: boolean;
}

export interface Spool {
  readonly directory: string;
  /** Durable when it resolves. Throws `epcis/too-large`, `epcis/bad-json` or `epcis/busy`, and leaves nothing. */
  take(id: string, body: AsyncIterable<Uint8Array>): Promise<SpooledDocument>;
  drop(id: string): Promise<void>;
}

/** `isWanted`: documents of jobs; others were left by uploads that never ended. */
export async function openSpool(
  directory: string,
  isWanted: (id: string) => boolean,
): Promise<Spool> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  for (const name of await readdir(directory)) {
    if (!isWanted(name.replace(/\.json$/, ''))) await rm(join(directory, name), { force: true });
  }

  async function used_bytes(): Promise<number> {
    let total = 0;
    for (const name of await readdir(directory))
      total += (await stat(join(directory, name)).catch(() => undefined))?.size ?? 0;
    return total;
  }

  return {
    directory,
    async take(id, body) {
      if ((await used_bytes()) + CAPTURE_BYTES_MAX > SPOOL_BYTES_MAX) {
        throw new AppError('epcis/busy', 'Too many documents wait to be captured; try later.');
      }
      const path = join(directory, `${id}.json`);
      const splitter = createSplitter();
      const digest = createHash('sha256');
      let size_bytes = 0;
      const file = await open(path, 'wx', 0o600);
      try {
        for await (const chunk of body) {
          size_bytes += chunk.length;
          if (size_bytes > CAPTURE_BYTES_MAX) {
            const words = `A document may have ${CAPTURE_BYTES_MAX} bytes; split it.`;
            throw new AppError('epcis/too-large', words);
          }
          splitter.push(chunk);
          digest.update(chunk);
          await file.writeFile(chunk);
        }
        const end = splitter.end();
        await file.datasync();
        const folder = await open(directory);
        await folder.sync().finally(() => folder.close());
        return { id, path, size_bytes, hash: new Uint8Array(digest.digest()), ...end };
      } catch (error) {
        await rm(path, { force: true });
        throw error;
      } finally {
        await file.close();
      }
    },
    async drop(id) {
      await rm(join(directory, `${id}.json`), { force: true });
    },
  };
}
