// Keys of this house, one file each under `keys/`, made at the first start and readable by their owner only.

import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { equalBytes, type PublicKey, type SecretKey, type SuiteName } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { CliError } from '../errors.ts';
import { freshSecret } from '../fresh-secret.ts';
import { readKeyFile, writeKeyFile } from '../key-file.ts';

export interface KeyRing {
  /** The key of that name, made if there is none yet. */
  get(name: string, suite: SuiteName): Promise<SecretKey>;
  /** The key of that name, which must be that of `publicKey`: the ledger knows it, so no other will do. Throws CliError. */
  held(name: string, publicKey: PublicKey): Promise<SecretKey>;
}

export async function openKeyRing(directory: string): Promise<KeyRing> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const path = (name: string) => join(directory, `${name}.json`);
  const read = async (name: string): Promise<SecretKey> => {
    try {
      return (await readKeyFile(path(name))).secret;
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      throw new CliError(`${path(name)} is missing or damaged; put it back from a copy`);
    }
  };
  return {
    async get(name, suite) {
      if (!existsSync(path(name))) await writeKeyFile(path(name), freshSecret(suite), name);
      return read(name);
    },
    async held(name, publicKey) {
      const secret = await read(name);
      const { suite, bytes } = nodeCrypto.publicKeyOf(secret);
      if (suite === publicKey.suite && equalBytes(bytes, publicKey.bytes)) return secret;
      throw new CliError(
        `${path(name)} is not the key that the ledger knows of ${name}; put it back from a copy`,
      );
    },
  };
}
