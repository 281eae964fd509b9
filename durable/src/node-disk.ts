import { readSync } from 'node:fs';
import { constants, type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { DiskFile, DiskPort } from './disk.ts';

/** The real disk. */
export const nodeDisk: DiskPort = {
  async open(path, mode) {
    const flags = constants.O_RDWR | (mode === 'create' ? constants.O_CREAT | constants.O_EXCL : 0);
    return diskFile(await open(path, flags, 0o600));
  },
  async makeDirectory(path) {
    const first = await mkdir(path, { recursive: true, mode: 0o700 });
    // Each new name lives in its parent. The last one is synced even when it was there: its maker may have been killed.
    const top = dirname(resolve(first ?? path));
    for (let at = dirname(resolve(path)); ; at = dirname(at)) {
      await nodeDisk.syncDirectory(at);
      if (at === top) return;
    }
  },
  async list(path) {
    return (await readdir(path)).sort();
  },
  rename,
  async remove(path) {
    await rm(path);
  },
  async syncDirectory(path) {
    const handle = await open(path, constants.O_RDONLY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};

function diskFile(handle: FileHandle): DiskFile {
  return {
    async size() {
      return (await handle.stat()).size;
    },
    async read(position, length) {
      const buffer = Buffer.allocUnsafe(length);
      let done = 0;
      while (done < length) {
        const { bytesRead } = await handle.read(buffer, done, length - done, position + done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      return buffer.subarray(0, done);
    },
    readNow(position, length) {
      const buffer = Buffer.allocUnsafe(length);
      let done = 0;
      while (done < length) {
        const count = readSync(handle.fd, buffer, done, length - done, position + done);
        if (count === 0) break;
        done += count;
      }
      return buffer.subarray(0, done);
    },
    async write(position, bytes) {
      let done = 0;
      while (done < bytes.length) {
        const { bytesWritten } = await handle.write(
          bytes,
          done,
          bytes.length - done,
          position + done,
        );
        done += bytesWritten;
      }
    },
    async dataSync() {
      await handle.datasync();
    },
    async truncate(size) {
      await handle.truncate(size);
      // A shrunken size is not data that fdatasync must keep.
      await handle.sync();
    },
    async close() {
      await handle.close();
    },
  };
}
