// Key files: {"suite":"sm2","secret":"<hex>","publicKey":"<hex>","id":"…"}; readable by their owner only.

import {
  bytesToHex,
  hexToBytes,
  isSuiteName,
  type SecretKey,
  type SuiteName,
} from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { CliError, readJson, writeFileOr } from './io.ts';

export interface KeyFile {
  readonly secret: SecretKey;
  /** Device or account id, when the file names one. */
  readonly id?: string;
}

/** Writes a key file that must not exist yet, mode 0600. */
export async function writeKeyFile(path: string, secret: SecretKey, id?: string): Promise<void> {
  const { bytes } = nodeCrypto.publicKeyOf(secret);
  const content = {
    suite: secret.suite,
    secret: bytesToHex(secret.secret),
    publicKey: bytesToHex(bytes),
    ...(secret.userId === undefined ? {} : { userId: secret.userId }),
    ...(id === undefined ? {} : { id }),
  };
  await writeFileOr(path, `${JSON.stringify(content, null, 2)}\n`, 0o600);
}

export async function readKeyFile(path: string): Promise<KeyFile> {
  const value = await readJson(path, 'key file');
  if (typeof value === 'object' && value !== null) {
    const { suite, secret, userId, id } = value as Record<string, unknown>;
    const wellFormed =
      isSuiteName(suite) && typeof secret === 'string' && /^[0-9a-f]{64}$/i.test(secret);
    if (wellFormed && (userId === undefined || typeof userId === 'string')) {
      return {
        secret: toSecret(suite, secret, userId),
        ...(typeof id === 'string' ? { id } : {}),
      };
    }
  }
  throw new CliError(
    `${path} is not a key file; make one with: suyuan key new --suite sm2 --out ${path}`,
  );
}

function toSecret(suite: SuiteName, secret: string, userId: string | undefined): SecretKey {
  return {
    suite,
    secret: hexToBytes(secret.toLowerCase()),
    ...(userId === undefined ? {} : { userId }),
  };
}
