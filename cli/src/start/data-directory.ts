// The directory in which a house keeps everything: usable, and by one process at a time.

import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type DirectoryLock, lockDirectory } from '@suyuan/durable';
import { CliError, systemCodeOf } from '../errors.ts';

export interface DataDirectory {
  readonly path: string;
  release(): Promise<void>;
}

/** Makes it if need be and takes it for this process. Throws CliError, or `durable/locked`. */
export async function openDataDirectory(given: string): Promise<DataDirectory> {
  const path = resolve(given);
  let lock: DirectoryLock;
  try {
    makeDirectory(path);
    accessSync(path, constants.W_OK | constants.X_OK);
    lock = await lockDirectory(path);
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === undefined) throw error;
    throw new CliError(
      `cannot use ${path} as the data directory: ${why(code)}; choose another with --data DIR`,
    );
  }
  return { path, release: () => lock.release() };
}

/** Not `recursive`: in a file system that takes no folders, such as /proc, that one tries for ever. */
function makeDirectory(path: string): void {
  if (existsSync(path)) {
    if (statSync(path).isDirectory()) return;
    throw Object.assign(new Error(`${path} is a file`), { code: 'ENOTDIR' });
  }
  const parent = dirname(path);
  if (parent !== path) makeDirectory(parent);
  mkdirSync(path, { mode: 0o700 });
}

function why(code: string): string {
  if (code === 'EEXIST' || code === 'ENOTDIR') return 'there is a file in its place';
  if (code === 'ENOSPC') return 'the disk is full';
  if (code === 'EROFS') return 'the disk is read-only';
  return 'you may not write there';
}
