// Key files: {"suite":"sm2","secret":"<hex>","publicKey":"<hex>","id":"…"}; readable by their owner only.

import { randomUUID } from 'node:crypto';
import { link, open, rm } from 'node:fs/promises';
import type { SecretKey, SuiteName } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { CliError, systemCodeOf } from './errors.ts';
import { cannotWrite, readJson } from './io.ts';

export interface KeyFile {
  readonly secret: SecretKey;
  /** Device or account id, when the file names one. */
  readonly id?: string;
}

export const SUITES: readonly SuiteName[] = ['sm2', 'es256', 'ed25519'];

export function isSuite(value: unknown): value is SuiteName {
  return SUITES.some((suite) => suite === value);
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/**
 * Writes a key file that must not exist yet, mode 0600, whole and durable on return: a half-written key would be lost for
 * ever to a ledger that knows it.
 */
export async function writeKeyFile(path: string, secret: SecretKey, id?: string): Promise<void> {
  const { bytes } = nodeCrypto.publicKeyOf(secret);
  const content = {
    suite: secret.suite,
    secret: hex(secret.secret),
    publicKey: hex(bytes),
    ...(secret.userId === undefined ? {} : { userId: secret.userId }),
    ...(id === undefined ? {} : { id }),
  };
  const draft = `${path}.${randomUUID()}`;
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(`${JSON.stringify(content, null, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    // Unlike a rename, a link never takes the place of a file.
    await link(draft, path);
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST')
      throw new CliError(`${path} exists; keys are never overwritten`);
    throw cannotWrite(path, error);
  } finally {
    await rm(draft, { force: true }).catch(() => undefined);
  }
}

export async function readKeyFile(path: string): Promise<KeyFile> {
  const value = await readJson(path, 'key file');
  if (typeof value === 'object' && value !== null) {
    const { suite, secret, userId, id } = value as Record<string, unknown>;
    const wellFormed =
      isSuite(suite) && typeof secret === 'string' && /^[0-9a-f]{64}$/i.test(secret);
    if (wellFormed && (userId === undefined || typeof userId === 'string')) {
      const key = {
        suite,
        secret: new Uint8Array(Buffer.from(secret, 'hex')),
        ...(userId === undefined ? {} : { userId }),
      };
      if (isUsable(key)) return { secret: key, ...(typeof id === 'string' ? { id } : {}) };
    }
  }
  throw new CliError(
    `${path} is not a key file; make one with: suyuan key new --suite sm2 --out FILE`,
  );
}

function isUsable(secret: SecretKey): boolean {
  try {
    nodeCrypto.publicKeyOf(secret);
    return true;
  } catch {
    return false;
  }
}
