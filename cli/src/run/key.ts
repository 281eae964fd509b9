import { nodeCrypto } from '@suyuan/contracts/node';
import { CliError } from '../errors.ts';
import { freshSecret } from '../fresh-secret.ts';
import { isSuite, writeKeyFile } from '../key-file.ts';

export interface NewKeyOptions {
  readonly suite: string;
  readonly out: string;
  readonly id?: string;
  readonly userId?: string;
  readonly json?: true;
}

/** What a registration may name. */
const USER_ID_MAX = 64;
/** Of a device or an account (docs/formats.md §1). */
const ID = /^[0-9A-Za-z][0-9A-Za-z._-]{1,62}$/;

export async function newKey({ suite, out, id, userId, json }: NewKeyOptions): Promise<void> {
  if (!isSuite(suite)) throw new CliError('--suite must be sm2, es256 or ed25519');
  if (userId !== undefined && suite !== 'sm2') throw new CliError('--user-id is for sm2 keys only');
  if (userId !== undefined && (userId === '' || userId.length > USER_ID_MAX))
    throw new CliError(`--user-id must have 1 to ${USER_ID_MAX} characters`);
  if (id !== undefined && !ID.test(id))
    throw new CliError(
      '--id must be the id of a device or an account: 2 to 63 of A-Z a-z 0-9 . _ -',
    );
  const secret = freshSecret(suite, userId);
  await writeKeyFile(out, secret, id);
  const publicKey = Buffer.from(nodeCrypto.publicKeyOf(secret).bytes).toString('hex');
  if (json) {
    console.log(
      JSON.stringify({ suite, publicKey, ...(id === undefined ? {} : { id }), file: out }),
    );
  } else {
    const owner = id === undefined ? '' : `id         ${id}\n`;
    console.log(
      `key        ${out} (keep it secret)\n${owner}suite      ${suite}\npublic key ${publicKey}`,
    );
  }
}
