// Keys of this house, one file each under `keys/`, made at the first start and readable by their owner only.

import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { SecretKey, SuiteName } from '@suyuan/contracts';
import { freshSecret } from '../fresh-secret.ts';
import { readKeyFile, writeKeyFile } from '../key-file.ts';

export interface KeyRing {
  /** The key of that name, made if there is none yet. */
  get(name: string, suite: SuiteName): Promise<SecretKey>;
  /** Path of its file. */
  path(name: string): string;
}

export async function openKeyRing(directory: string): Promise<KeyRing> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const path = (name: string) => join(directory, `${name}.json`);
  return {
    path,
    async get(name, suite) {
      if (!existsSync(path(name))) await writeKeyFile(path(name), freshSecret(suite), name);
      return (await readKeyFile(path(name))).secret;
    },
  };
}
