import { open } from 'node:fs/promises';
import { AppError } from '@suyuan/contracts';

/** A file or bytes, read where one asks. */
export interface ByteSource {
  readonly size_bytes: number;
  /** Exactly `length` bytes from `offset`, or `table/damaged`. */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

function cutOff(): AppError {
  return new AppError('table/damaged', 'The file is cut off: copy it again from its source.');
}

/** Opens a path, or bytes in memory. Throws `table/unreadable`. */
export async function openSource(source: string | Uint8Array): Promise<ByteSource> {
  if (typeof source !== 'string') {
    return {
      size_bytes: source.length,
      async read(offset, length) {
        if (offset < 0 || offset + length > source.length) throw cutOff();
        return source.subarray(offset, offset + length);
      },
      async close() {},
    };
  }
  try {
    const file = await open(source, 'r');
    const { size } = await file.stat();
    return {
      size_bytes: size,
      async read(offset, length) {
        if (offset < 0 || offset + length > size) throw cutOff();
        const bytes = new Uint8Array(length);
        const { bytesRead } = await file.read(bytes, 0, length, offset);
        if (bytesRead !== length) throw cutOff();
        return bytes;
      },
      close: () => file.close(),
    };
  } catch (error) {
    throw new AppError('table/unreadable', `${source} cannot be read.`, {}, error);
  }
}
