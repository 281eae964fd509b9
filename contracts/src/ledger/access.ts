// The access token of an account (docs/formats.md §4, "Access token"): who asks over HTTP, for a few minutes, and for which
// body. It signs no transaction and opens no connection of a device: its external_aad keeps it apart from both.

import { decodeSign1, signSign1, verifySign1 } from '../crypto/cose.ts';
import type { CryptoProvider, PublicKey, SecretKey } from '../crypto/types.ts';
import { bytesToUtf8, equalBytes, utf8ToBytes } from '../encoding/bytes.ts';
import { decodeCbor, encodeCbor } from '../encoding/cbor.ts';
import { asArray, asBytes, asUint } from '../encoding/read.ts';
import { AppError } from '../errors.ts';
import { TOKEN_LIFETIME_S_MAX, TOKEN_SKEW_S_MAX } from '../limits.ts';
import { isAccountId } from './account.ts';

export const ACCESS_AAD = 'suyuan/access/1';

/** A token has about 220 bytes; nothing longer is looked at. */
export const ACCESS_SIZE_BYTES_MAX = 1024;

/** alg and kid, and nothing else. */
const PROTECTED_FIELDS = 2;

export interface AccessContent {
  readonly secret: SecretKey;
  readonly account: string;
  /** 32 bytes. */
  readonly chainId: Uint8Array;
  readonly now_ms: number;
  /** 1 to 600. */
  readonly lifetime_s: number;
  /** 16 random bytes; used once. */
  readonly nonce: Uint8Array;
  /** SHA-256 of the request's body, 32 bytes; null: the token vouches for no body. */
  readonly bodyHash: Uint8Array | null;
}

/** A token taken apart; nothing of it is believed before `verifyAccess`. */
export interface DecodedAccess {
  readonly account: string;
  readonly chainId: Uint8Array;
  readonly issued_s: number;
  readonly expires_s: number;
  /** 16 bytes. */
  readonly nonce: Uint8Array;
  /** SHA-256, 32 bytes, or null. */
  readonly bodyHash: Uint8Array | null;
  readonly message: ReturnType<typeof decodeSign1>;
}

/** The token's bytes; `Authorization: Bearer` carries them in base64url. Throws RangeError on a wrong lifetime or size. */
export function encodeAccess(crypto: CryptoProvider, content: AccessContent): Uint8Array {
  const { lifetime_s, nonce, bodyHash, chainId } = content;
  if (lifetime_s < 1 || lifetime_s > TOKEN_LIFETIME_S_MAX) {
    throw new RangeError(`encodeAccess: lifetime_s must be 1 to ${TOKEN_LIFETIME_S_MAX}`);
  }
  if (nonce.length !== 16) throw new RangeError('encodeAccess: nonce must be 16 bytes');
  if (chainId.length !== 32) throw new RangeError('encodeAccess: chainId must be 32 bytes');
  if (bodyHash !== null && bodyHash.length !== 32) {
    throw new RangeError('encodeAccess: bodyHash must be 32 bytes');
  }
  const issued_s = Math.floor(content.now_ms / 1000);
  return signSign1(crypto, {
    secret: content.secret,
    kid: utf8ToBytes(content.account),
    externalAad: ACCESS_AAD,
    payload: encodeCbor([chainId, issued_s, issued_s + lifetime_s, nonce, bodyHash]),
  });
}

/** Takes a token apart. Throws `access/malformed`, `cose/*`, `cbor/*` or `format/*`. */
export function decodeAccess(bytes: Uint8Array): DecodedAccess {
  if (bytes.length > ACCESS_SIZE_BYTES_MAX) throw malformed();
  const message = decodeSign1(bytes);
  if (message.headers.size !== PROTECTED_FIELDS) throw malformed();
  const items = asArray(decodeCbor(message.payload), 'access token', 5, 5);
  const [chainId, issued, expires, nonce, bodyHash] = items;
  return {
    account: accountOf(message.kid),
    chainId: asBytes(chainId, 'access token chainId', 32),
    issued_s: asUint(issued, 'access token issued_s'),
    expires_s: asUint(expires, 'access token expires_s'),
    nonce: asBytes(nonce, 'access token nonce', 16),
    bodyHash: bodyHash === null ? null : asBytes(bodyHash, 'access token bodyHash', 32),
    message,
  };
}

/**
 * Returns when `key` signed the token for this chain and it is valid at `now_ms`. Whether its nonce was used before, and
 * whether its body hash is that of the body, is the caller's to check. Throws `access/*`.
 */
export function verifyAccess(
  crypto: CryptoProvider,
  key: PublicKey,
  token: DecodedAccess,
  expected: { readonly chainId: Uint8Array; readonly now_ms: number },
): void {
  if (!equalBytes(token.chainId, expected.chainId)) {
    throw new AppError('access/other-chain', 'The token is for another ledger; sign one for this.');
  }
  const { issued_s, expires_s } = token;
  if (expires_s - issued_s > TOKEN_LIFETIME_S_MAX || expires_s <= issued_s) {
    throw new AppError(
      'access/bad-lifetime',
      `A token may live ${TOKEN_LIFETIME_S_MAX} s; make a shorter one.`,
    );
  }
  const now_s = Math.floor(expected.now_ms / 1000);
  if (now_s >= expires_s) {
    throw new AppError('access/expired', 'The token has expired; sign a new one.');
  }
  if (issued_s > now_s + TOKEN_SKEW_S_MAX) {
    throw new AppError('access/not-yet-valid', 'The token is from the future; set your clock.');
  }
  if (!verifySign1(crypto, key, token.message, ACCESS_AAD)) {
    throw new AppError(
      'access/bad-signature',
      'The token is not signed by the key that the ledger has for the account.',
    );
  }
}

function accountOf(kid: Uint8Array): string {
  try {
    const account = bytesToUtf8(kid);
    if (isAccountId(account)) return account;
  } catch {
    // Not UTF-8 and not an id are the same mistake.
  }
  throw malformed();
}

function malformed(): AppError {
  return new AppError(
    'access/malformed',
    'Give an access token as docs/formats.md §4 has it: alg and kid (an account id) in the protected header.',
  );
}
