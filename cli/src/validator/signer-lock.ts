// A validator's key taken for this process alone: two that vote with one key would contradict each other.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type DirectoryLock, isDurableError, lockDirectory } from '@suyuan/durable';
import { CliError } from '../errors.ts';
import { SIGNER_FILES } from '../genesis/signer-directory.ts';
import { type KeyFile, readKeyFile } from '../key-file.ts';

export interface HeldSigner {
  /** The organisation. */
  readonly id: string;
  readonly secret: KeyFile['secret'];
  /** Path of the guard file. */
  readonly guard: string;
  release(): Promise<void>;
}

/** Throws CliError when the folder holds no key, or another process votes with it. */
export async function holdSigner(directory: string): Promise<HeldSigner> {
  const path = join(directory, SIGNER_FILES.key);
  if (!existsSync(path)) {
    throw new CliError(
      `${directory} holds no ${SIGNER_FILES.key}; make one with 'suyuan genesis key', or leave --signer away to follow only`,
    );
  }
  const { id, secret } = await readKeyFile(path);
  if (id === undefined) throw new CliError(`${path} does not say whose key it is ("id")`);
  let lock: DirectoryLock;
  try {
    lock = await lockDirectory(directory);
  } catch (error) {
    if (!isDurableError(error)) throw error;
    throw new CliError(
      `a validator votes with the key in ${directory} already: a key votes in one process only. ${error.message}`,
    );
  }
  return { id, secret, guard: join(directory, SIGNER_FILES.guard), release: () => lock.release() };
}
