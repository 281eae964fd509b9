// The short-lived token with which a device opens its connection (docs/formats.md §3): COSE_Sign1 by the device key.

import { decodeSign1, signSign1, verifySign1 } from '../crypto/cose.ts';
import type { CryptoProvider, PublicKey, SecretKey } from '../crypto/types.ts';
import { equalBytes, utf8ToBytes } from '../encoding/bytes.ts';
import { decodeCbor, encodeCbor } from '../encoding/cbor.ts';
import { asArray, asBytes, asUint } from '../encoding/read.ts';
import { AppError } from '../errors.ts';
import { TOKEN_LIFETIME_S_MAX, TOKEN_SKEW_S_MAX } from '../limits.ts';

export const TOKEN_AAD = 'suyuan/token/1';

/** alg and kid, and nothing else. */
const PROTECTED_FIELDS = 2;

export interface TokenContent {
  readonly secret: SecretKey;
  readonly deviceId: string;
  readonly now_ms: number;
  /** At most 600. */
  readonly lifetime_s: number;
  /** 16 random bytes. */
  readonly nonce: Uint8Array;
}

/** The token's bytes; an MQTT password carries them in base64url. Throws RangeError on a wrong lifetime or nonce. */
export function encodeToken(crypto: CryptoProvider, content: TokenContent): Uint8Array {
  if (content.lifetime_s < 1 || content.lifetime_s > TOKEN_LIFETIME_S_MAX) {
    throw new RangeError(`encodeToken: lifetime_s must be 1 to ${TOKEN_LIFETIME_S_MAX}`);
  }
  if (content.nonce.length !== 16) throw new RangeError('encodeToken: nonce must be 16 bytes');
  const issued_s = Math.floor(content.now_ms / 1000);
  return signSign1(crypto, {
    secret: content.secret,
    kid: utf8ToBytes(content.deviceId),
    externalAad: TOKEN_AAD,
    payload: encodeCbor([issued_s, issued_s + content.lifetime_s, content.nonce]),
  });
}

/** Returns when the token was signed by `key` for `deviceId` and is valid at `now_ms`. Throws `token/*`, `cose/*`, `cbor/*` or `format/*`. */
export function verifyToken(
  crypto: CryptoProvider,
  key: PublicKey,
  bytes: Uint8Array,
  expected: { readonly deviceId: string; readonly now_ms: number },
): void {
  const message = decodeSign1(bytes);
  if (!equalBytes(message.kid, utf8ToBytes(expected.deviceId))) {
    throw new AppError('token/other-device', 'The token names another device than the user name.');
  }
  if (message.headers.size !== PROTECTED_FIELDS) {
    throw new AppError(
      'token/malformed',
      'The protected header of a token holds alg and kid only.',
    );
  }
  const [issued, expires, nonce] = asArray(decodeCbor(message.payload), 'token', 3, 3);
  const issued_s = asUint(issued, 'token issued_s');
  const expires_s = asUint(expires, 'token expires_s');
  asBytes(nonce, 'token nonce', 16);
  const now_s = Math.floor(expected.now_ms / 1000);
  if (expires_s - issued_s > TOKEN_LIFETIME_S_MAX || expires_s <= issued_s) {
    throw new AppError(
      'token/bad-lifetime',
      `A token may live ${TOKEN_LIFETIME_S_MAX} s; make a shorter one.`,
    );
  }
  if (now_s >= expires_s)
    throw new AppError('token/expired', 'The token has expired; sign a new one.');
  if (issued_s > now_s + TOKEN_SKEW_S_MAX) {
    throw new AppError(
      'token/not-yet-valid',
      'The token is from the future; set the clock of the device.',
    );
  }
  if (!verifySign1(crypto, key, message, TOKEN_AAD)) {
    throw new AppError(
      'token/bad-signature',
      'The token is not signed by the registered key of the device.',
    );
  }
}
