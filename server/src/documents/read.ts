// Giving out one file: hashed again as it is read. Its last part is held back until the hash is right, so that a damaged file
// never arrives whole.

import { createHash } from 'node:crypto';
import { AppError } from '@suyuan/contracts';
import type { DiskFile } from '@suyuan/durable';

const CHUNK_BYTES = 64 * 1024;

/** Throws `documents/damaged` before the last chunk. Closes the file at its end, or when nobody wants the rest. */
export async function* verifiedChunks(
  file: DiskFile,
  hash: string,
  size_bytes: number,
): AsyncGenerator<Uint8Array> {
  const digest = createHash('sha256');
  try {
    let held: Uint8Array | undefined;
    for (let at = 0; at < size_bytes; at += CHUNK_BYTES) {
      const chunk = await file.read(at, Math.min(CHUNK_BYTES, size_bytes - at));
      digest.update(chunk);
      if (held !== undefined) yield held;
      held = chunk;
    }
    if (digest.digest('hex') !== hash) throw damaged(hash);
    if (held !== undefined) yield held;
  } finally {
    await file.close();
  }
}

export function damaged(hash: string): AppError {
  return new AppError(
    'documents/damaged',
    'The stored file is damaged. Hand in a good copy: it takes the place of the damaged one.',
    { hash },
  );
}
