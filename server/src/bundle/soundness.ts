// Whether a verifier would take a statement: it costs a signature, so the answer is remembered.

import {
  type Account,
  type AsyncCryptoProvider,
  bytesToHex,
  type DecodedStatement,
  equalBytes,
  type Hash,
  verifyStatement,
} from '@suyuan/contracts';
import { Lru } from './lru.ts';

/** A hundred devices for ten years. About 200 bytes each. */
const REMEMBERED_MAX = 65_536;

/** True if `gateway`, as it stands, may state and has signed this on this chain. Rejects with `crypto/busy`. */
export type StatementCheck = (
  gateway: Account,
  statement: DecodedStatement,
  bytes: Uint8Array,
) => Promise<boolean>;

export function createStatementCheck(
  crypto: AsyncCryptoProvider,
  hash: Hash,
  chainId: Uint8Array,
): StatementCheck {
  const known = new Lru<boolean>(REMEMBERED_MAX);
  return async (gateway, statement, bytes) => {
    if (!gateway.roles.includes('gateway') || !equalBytes(statement.chainId, chainId)) return false;
    const { key } = gateway;
    const name = `${key.suite}/${key.userId ?? ''}/${bytesToHex(key.bytes)}/${bytesToHex(hash(bytes))}`;
    const remembered = known.get(name);
    if (remembered !== undefined) return remembered;
    const valid = await verified(crypto, key, statement);
    known.set(name, valid);
    return valid;
  };
}

/** `verifyStatement` with its one signature verified off the thread. */
async function verified(
  crypto: AsyncCryptoProvider,
  key: Account['key'],
  statement: DecodedStatement,
): Promise<boolean> {
  let later: Promise<boolean> | undefined;
  const form = verifyStatement(
    {
      ...crypto,
      verify(...args) {
        later = crypto.verifyAsync(...args);
        return true;
      },
    },
    key,
    statement,
  );
  return form && later !== undefined && (await later);
}
