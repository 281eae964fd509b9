// Taking in one file: to the disk as it comes, hashed on the way, durable at the end.

import { createHash } from 'node:crypto';
import { AppError } from '@suyuan/contracts';
import type { DiskPort } from '@suyuan/durable';

export interface Uploaded {
  /** SHA-256, lower-case hex. */
  readonly hash: string;
  readonly size_bytes: number;
}

/**
 * Writes the stream to `path`, which must not be there. On return it is durable under that name's content, not under its
 * name. Throws `http/too-large`, `documents/empty` or what the stream or disk throws, and leaves no file then.
 */
export async function receiveFile(
  disk: DiskPort,
  path: string,
  source: AsyncIterable<Uint8Array>,
  sizeMax_bytes: number,
): Promise<Uploaded> {
  const file = await disk.open(path, 'create');
  const digest = createHash('sha256');
  let size_bytes = 0;
  try {
    try {
      for await (const chunk of source) {
        if (size_bytes + chunk.length > sizeMax_bytes) {
          const detail = `A document has at most ${sizeMax_bytes} bytes.`;
          throw new AppError('http/too-large', detail, { max: sizeMax_bytes });
        }
        await file.write(size_bytes, chunk);
        digest.update(chunk);
        size_bytes += chunk.length;
      }
      if (size_bytes === 0) {
        throw new AppError('documents/empty', 'The body must be the bytes of the file.');
      }
      await file.dataSync();
    } finally {
      await file.close();
    }
    return { hash: digest.digest('hex'), size_bytes };
  } catch (error) {
    await removeIfThere(disk, path);
    throw error;
  }
}

/** Cleaning up after a failure, which is what is to be told. */
export async function removeIfThere(disk: DiskPort, path: string): Promise<void> {
  // What cannot be removed now goes when the store is opened next.
  await disk.remove(path).catch(() => undefined);
}
