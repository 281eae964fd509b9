// The key file of a simulated device: {"suite":"sm2","secret":"<64 hex digits>"}. A real device keeps its key in hardware.

import { readFile } from 'node:fs/promises';
import { AppError, hexToBytes, type SecretKey } from '@suyuan/contracts';

const SUITES: readonly string[] = ['sm2', 'es256', 'ed25519'];

/** Reads a secret key. Throws `sim/bad-key-file`; the message never holds what the file holds. */
export async function readSecretKey(path: string): Promise<SecretKey> {
  let value: { suite?: unknown; secret?: unknown; userId?: unknown };
  try {
    value = JSON.parse(await readFile(path, 'utf8')) as typeof value;
    const { suite, secret, userId } = value;
    if (
      typeof suite === 'string' &&
      SUITES.includes(suite) &&
      typeof secret === 'string' &&
      /^[0-9a-f]{64}$/i.test(secret) &&
      (userId === undefined || typeof userId === 'string')
    ) {
      return {
        suite: suite as SecretKey['suite'],
        secret: hexToBytes(secret.toLowerCase()),
        ...(userId === undefined ? {} : { userId }),
      };
    }
  } catch {
    // The parser's own message quotes the file, which holds a secret.
  }
  throw new AppError(
    'sim/bad-key-file',
    `cannot read a key from ${path}: it must hold {"suite":"sm2","secret":"<64 hex digits>"}`,
  );
}
