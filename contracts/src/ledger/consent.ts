// A grower's consent to a purchase (docs/formats.md §5, *consent*): his own signature under whose fruit, from which plot, how
// much and for whom. Its external_aad keeps it apart from every other thing that he signs.

import { decodeSign1, messageId, signSign1, sigStructure, verifySign1 } from '../crypto/cose.ts';
import type { CryptoProvider, Hash, PublicKey, SecretKey } from '../crypto/types.ts';
import { bytesToUtf8, equalBytes, utf8ToBytes } from '../encoding/bytes.ts';
import { decodeCbor, encodeCbor } from '../encoding/cbor.ts';
import { asArray, asBytes, asText, asUint } from '../encoding/read.ts';
import { AppError } from '../errors.ts';
import { isAccountId } from './account.ts';

export const CONSENT_AAD = 'suyuan/consent/1';

/** A consent has about 300 bytes, with the longest ids 420. */
export const CONSENT_SIZE_BYTES_MAX = 1024;

/** alg and kid, and nothing else. */
const PROTECTED_FIELDS = 2;

/** What the grower agrees to. */
export interface ConsentTerms {
  /** 32 bytes. */
  readonly chainId: Uint8Array;
  readonly buyer: string;
  readonly gtin: string;
  /** GLN. */
  readonly plot: string;
  /** Empty where the product has no season. */
  readonly season: string;
  /** In the product's unit. */
  readonly amount: number;
}

export interface ConsentContent extends ConsentTerms {
  /** 16 random bytes; used once. */
  readonly nonce: Uint8Array;
  /** First moment at which it no longer holds. */
  readonly validUntil: number;
}

/** A consent taken apart; nothing of it is believed before `verifyConsent`. */
export interface DecodedConsent extends ConsentContent {
  readonly grower: string;
  readonly message: ReturnType<typeof decodeSign1>;
}

/** The bytes of the grower's signed consent. Throws RangeError on a nonce or chainId of a wrong size. */
export function encodeConsent(
  crypto: CryptoProvider,
  content: ConsentContent & { readonly secret: SecretKey; readonly grower: string },
): Uint8Array {
  const { chainId, buyer, gtin, plot, season, amount, nonce, validUntil } = content;
  if (nonce.length !== 16) throw new RangeError('encodeConsent: nonce must be 16 bytes');
  if (chainId.length !== 32) throw new RangeError('encodeConsent: chainId must be 32 bytes');
  return signSign1(crypto, {
    secret: content.secret,
    kid: utf8ToBytes(content.grower),
    externalAad: CONSENT_AAD,
    payload: encodeCbor([chainId, buyer, gtin, plot, season, amount, nonce, validUntil]),
  });
}

/** Takes a consent apart. Throws `consent/malformed`, `cose/*`, `cbor/*` or `format/*`. */
export function decodeConsent(bytes: Uint8Array): DecodedConsent {
  if (bytes.length > CONSENT_SIZE_BYTES_MAX) throw malformed();
  const message = decodeSign1(bytes);
  if (message.headers.size !== PROTECTED_FIELDS) throw malformed();
  const items = asArray(decodeCbor(message.payload), 'consent', 8, 8);
  const [chainId, buyer, gtin, plot, season, amount, nonce, validUntil] = items;
  return {
    grower: growerOf(message.kid),
    chainId: asBytes(chainId, 'consent chainId', 32),
    buyer: asText(buyer, 'consent buyer', 63),
    gtin: asText(gtin, 'consent gtin', 14),
    plot: asText(plot, 'consent plot', 13),
    season: asText(season, 'consent season', 6),
    amount: asUint(amount, 'consent amount'),
    nonce: asBytes(nonce, 'consent nonce', 16),
    validUntil: asUint(validUntil, 'consent validUntil'),
    message,
  };
}

/**
 * Returns when the key of the account `grower` signed exactly these terms and the consent holds at `time_ms`. Whether its
 * nonce was used before is the caller's to check. Throws `consent/other-grower`, `consent/other-terms`, `consent/expired` or
 * `consent/bad-signature`.
 */
export function verifyConsent(
  crypto: CryptoProvider,
  key: PublicKey,
  consent: DecodedConsent,
  expected: ConsentTerms & { readonly grower: string; readonly time_ms: number },
): void {
  if (consent.grower !== expected.grower) {
    throw new AppError('consent/other-grower', 'The consent is signed by another grower.', {
      signed: consent.grower,
      named: expected.grower,
    });
  }
  const other = (['buyer', 'gtin', 'plot', 'season', 'amount'] as const).find(
    (field) => consent[field] !== expected[field],
  );
  if (other !== undefined || !equalBytes(consent.chainId, expected.chainId)) {
    throw new AppError(
      'consent/other-terms',
      `The consent names another ${other ?? 'ledger'}; ask the grower to sign this purchase.`,
      { field: other ?? 'chainId' },
    );
  }
  if (expected.time_ms >= consent.validUntil) {
    throw new AppError('consent/expired', 'The consent has expired; ask the grower for a new one.');
  }
  if (!verifySign1(crypto, key, consent.message, CONSENT_AAD)) {
    throw new AppError(
      'consent/bad-signature',
      'The consent is not signed by the key that the ledger has for the grower.',
    );
  }
}

/** 32 bytes naming what was agreed, not the signature. */
export function consentId(hash: Hash, consent: Pick<DecodedConsent, 'message'>): Uint8Array {
  return messageId(hash, CONSENT_AAD, sigStructure(consent.message, CONSENT_AAD));
}

function growerOf(kid: Uint8Array): string {
  try {
    const grower = bytesToUtf8(kid);
    if (isAccountId(grower)) return grower;
  } catch {
    // Not UTF-8 and not an id are the same mistake.
  }
  throw malformed();
}

function malformed(): AppError {
  return new AppError(
    'consent/malformed',
    'Give a consent as docs/formats.md §5 has it: alg and kid (an account id) in the protected header.',
  );
}
