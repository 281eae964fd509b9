// Access tokens for the EPCIS doors (docs/formats.md §4): one for each request.

import { createHash, randomBytes } from 'node:crypto';
import { encodeAccess, TOKEN_LIFETIME_S_MAX } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { CliError } from '../errors.ts';
import { serverUrl } from '../http.ts';
import { readFileOr, uintOption } from '../io.ts';
import { readKeyFile } from '../key-file.ts';
import { chainOf } from '../submit.ts';

export interface AccessOptions {
  readonly key: string;
  readonly as?: string;
  readonly body?: string;
  readonly lifetime: string;
  readonly server: string;
}

/** As much as a node takes in one document. */
export const BODY_BYTES_MAX = 128 * 1024 * 1024;

export async function printToken(options: AccessOptions): Promise<void> {
  const lifetime_s = uintOption(options.lifetime, '--lifetime', TOKEN_LIFETIME_S_MAX);
  if (lifetime_s === 0) throw new CliError('--lifetime must be at least 1');
  const body =
    options.body === undefined ? undefined : await readFileOr(options.body, 'body', BODY_BYTES_MAX);
  console.log(await accessToken(options, serverUrl(options.server), { lifetime_s, body }));
}

/** Base64url. With `body` the account vouches for these bytes and no others. Throws CliError. */
export async function accessToken(
  who: { readonly key: string; readonly as?: string },
  server: URL,
  { lifetime_s, body }: { readonly lifetime_s: number; readonly body: Uint8Array | undefined },
): Promise<string> {
  const { secret, id } = await readKeyFile(who.key);
  const account = who.as ?? id;
  if (account === undefined) throw new CliError('say whose key it is: --as ACCOUNT');
  const { chainId } = await chainOf(server);
  const token = encodeAccess(nodeCrypto, {
    secret,
    account,
    chainId,
    now_ms: Date.now(),
    lifetime_s,
    nonce: new Uint8Array(randomBytes(16)),
    bodyHash:
      body === undefined ? null : new Uint8Array(createHash('sha256').update(body).digest()),
  });
  return Buffer.from(token).toString('base64url');
}
