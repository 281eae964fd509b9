// The folder in which a validator's key lives together with its guard file: neither is of use, nor safe, without the other.

import { join } from 'node:path';
import type { SecretKey } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { foundGuardOnce } from '../house/guard.ts';
import { writeKeyFile } from '../key-file.ts';

export const SIGNER_FILES = {
  key: 'validator.key.json',
  guard: 'validator.guard',
  account: 'account.key.json',
} as const;

/** Writes a new voting key and founds its guard file. Throws CliError when a key is there already. */
export async function writeSigner(directory: string, secret: SecretKey, id: string): Promise<void> {
  // The guard first: a key without one would never vote.
  await foundGuardOnce(join(directory, SIGNER_FILES.guard), nodeCrypto.publicKeyOf(secret));
  await writeKeyFile(join(directory, SIGNER_FILES.key), secret, id);
}
