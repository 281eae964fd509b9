// Who asks: the access token of an account in `Authorization: Bearer` (docs/formats.md §4), each used once.

import {
  AppError,
  base64urlToBytes,
  bytesToHex,
  type CryptoProvider,
  decodeAccess,
  getAccount,
  isAppError,
  verifyAccess,
} from '@suyuan/contracts';
import type { JsonStore } from '../delivery/json-store.ts';
import type { LedgerNode } from '../http/ports.ts';
import { NONCES_MAX } from './limits.ts';

export interface Caller {
  readonly account: string;
  /** SHA-256 of the body that the account vouches for, 32 bytes. */
  readonly bodyHash: Uint8Array | null;
}

export interface AccessDoor {
  /** Throws `access/*`. */
  enter(authorization: string | undefined): Promise<Caller>;
}

const PREFIX = 'nonce/';
const SWEEP_MS = 60_000;
const HEADER_CHARS_MAX = 1_500;

export function createAccessDoor(parts: {
  readonly node: Pick<LedgerNode, 'read' | 'chainId'>;
  readonly crypto: CryptoProvider;
  readonly store: JsonStore;
  readonly now_ms: () => number;
}): AccessDoor {
  const { node, crypto, store, now_ms } = parts;
  const seen = new Map(store.list<number>(PREFIX, { limit: NONCES_MAX }));
  let sweptAt_ms = now_ms();

  /** Forgets tokens that have expired: they are refused for that. */
  async function sweep(): Promise<void> {
    const at_ms = now_ms();
    if (at_ms - sweptAt_ms < SWEEP_MS) return;
    sweptAt_ms = at_ms;
    const old = [...seen].filter(([, expires_s]) => expires_s * 1000 <= at_ms);
    for (const [key] of old) seen.delete(key);
    await store.putMany(old.map(([key]) => [key, undefined] as const));
  }

  return {
    async enter(authorization) {
      const token = decodeAccess(bearerOf(authorization));
      const account = getAccount({ get: (key) => node.read(key) }, token.account);
      if (account === undefined) {
        throw new AppError('access/unknown-account', 'The ledger knows no account of this name.');
      }
      verifyAccess(crypto, account.key, token, { chainId: node.chainId, now_ms: now_ms() });
      if (account.status !== 'active') {
        throw new AppError('access/frozen-account', 'The account is frozen; ask the regulator.');
      }
      await sweep();
      const key = `${PREFIX}${token.account}/${bytesToHex(token.nonce)}`;
      if (seen.has(key)) {
        throw new AppError('access/used', 'The token was used before; sign a new one.');
      }
      if (seen.size >= NONCES_MAX) {
        throw new AppError('access/busy', 'Too many tokens are in use; try again in a minute.');
      }
      seen.set(key, token.expires_s);
      await store.put(key, token.expires_s);
      return { account: token.account, bodyHash: token.bodyHash };
    },
  };
}

function bearerOf(authorization: string | undefined): Uint8Array {
  const text = /^Bearer +([A-Za-z0-9_-]+)$/i.exec(
    (authorization ?? '').slice(0, HEADER_CHARS_MAX),
  )?.[1];
  if (text === undefined) {
    throw new AppError(
      'access/missing',
      'Send Authorization: Bearer with an access token of your account (docs/formats.md §4).',
    );
  }
  try {
    return base64urlToBytes(text);
  } catch (error) {
    if (!isAppError(error)) throw error;
    throw new AppError('access/missing', 'The access token is not base64url.', {}, error);
  }
}
