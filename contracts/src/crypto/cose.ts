// COSE_Sign1, RFC 9052 §4.2 to §4.4, as narrowed by docs/formats.md §1: tag 18, everything in the protected header, the
// payload present. The signature and the id cover the bytes received, never a re-encoding.

import { utf8ToBytes } from '../encoding/bytes.ts';
import { decodeCbor, encodeCbor } from '../encoding/cbor.ts';
import { type CborValue, Sign1 } from '../encoding/types.ts';
import { AppError } from '../errors.ts';
import { tagged } from './tagged.ts';
import type { CryptoProvider, Hash, PublicKey, SecretKey, SuiteName } from './types.ts';

/** RFC 9052 §3.1 header labels. */
export const HEADER_ALG = 1;
export const HEADER_CONTENT_TYPE = 3;
export const HEADER_KID = 4;

/** Room for the longest id of the formats (account-id, 63 characters). */
export const KID_BYTES_MAX = 64;

/** RFC 9053 §2.1 and §2.2; SM2 with SM3 has no registered value, so one from the private range. */
const ALGORITHMS: Readonly<Record<SuiteName, number>> = { es256: -7, ed25519: -8, sm2: -65539 };
const SUITES = new Map(Object.entries(ALGORITHMS).map(([suite, alg]) => [alg, suite as SuiteName]));

/** A message taken apart, its signature not yet checked. */
export interface DecodedSign1 {
  readonly suite: SuiteName;
  /** 1 … 64 bytes, who claims to have signed. */
  readonly kid: Uint8Array;
  /** The whole protected map, labels 1 and 4 included. */
  readonly headers: ReadonlyMap<number, CborValue>;
  /** The protected map as received. */
  readonly protectedBytes: Uint8Array;
  readonly payload: Uint8Array;
  /** 64 bytes. */
  readonly signature: Uint8Array;
}

/** What is signed, by whom and as which format. `externalAad` is the format's name in ASCII. */
export interface Sign1Input {
  readonly secret: SecretKey;
  /** 1 … 64 bytes. */
  readonly kid: Uint8Array;
  readonly externalAad: string;
  /** Protected headers besides alg and kid. */
  readonly headers?: ReadonlyMap<number, CborValue>;
  readonly payload: Uint8Array;
}

/** The bytes of a signed message. Throws `cose/bad-header`, `crypto/bad-key` or `cbor/unsupported`. */
export function signSign1(crypto: CryptoProvider, input: Sign1Input): Uint8Array {
  const { secret, kid, externalAad, payload } = input;
  const headers = new Map<number, CborValue>(input.headers);
  if (headers.has(HEADER_ALG) || headers.has(HEADER_KID)) {
    throw badHeader('Leave alg and kid to signSign1');
  }
  if (kid.length < 1 || kid.length > KID_BYTES_MAX) throw badHeader('Give a kid of 1 to 64 bytes');
  headers.set(HEADER_ALG, ALGORITHMS[secret.suite]).set(HEADER_KID, kid);
  const protectedBytes = encodeCbor(headers);
  const signature = crypto.sign(secret, sigStructure({ protectedBytes, payload }, externalAad));
  return encodeCbor(new Sign1([protectedBytes, {}, payload, signature]));
}

/**
 * Takes a message apart. Throws `cbor/*` (either layer is no canonical CBOR), `cose/malformed` (not a tagged COSE_Sign1
 * with an empty unprotected map, a payload and 64 bytes of signature), `cose/bad-header` (the protected header is no map
 * with integer labels, or its kid is not 1 to 64 bytes) or `cose/unknown-alg`.
 */
export function decodeSign1(bytes: Uint8Array): DecodedSign1 {
  const message = decodeCbor(bytes);
  if (!(message instanceof Sign1) || message.items.length !== 4) {
    throw malformed('Give a COSE_Sign1 of four items under tag 18');
  }
  const [protectedBytes, unprotected, payload, signature] = message.items;
  if (!(protectedBytes instanceof Uint8Array))
    throw malformed('Wrap the protected header in bytes');
  if (!isEmptyMap(unprotected)) throw malformed('Leave the unprotected header empty');
  if (!(payload instanceof Uint8Array)) throw malformed('Put the payload into the message');
  if (!(signature instanceof Uint8Array) || signature.length !== 64) {
    throw malformed('Give a signature of 64 bytes');
  }
  const headers = decodeCbor(protectedBytes);
  if (!(headers instanceof Map)) throw badHeader('Give the protected header as a map of labels');
  const alg = headers.get(HEADER_ALG);
  const kid = headers.get(HEADER_KID);
  if (!(kid instanceof Uint8Array) || kid.length < 1 || kid.length > KID_BYTES_MAX) {
    throw badHeader('Give a kid of 1 to 64 bytes');
  }
  const suite = typeof alg === 'number' ? SUITES.get(alg) : undefined;
  if (suite === undefined) {
    throw new AppError('cose/unknown-alg', 'Sign with ES256 (-7), EdDSA (-8) or SM2 (-65539).');
  }
  return { suite, kid, headers, protectedBytes, payload, signature };
}

/** RFC 9052 §4.4: the bytes that the signature covers. */
export function sigStructure(
  message: Pick<DecodedSign1, 'protectedBytes' | 'payload'>,
  externalAad: string,
): Uint8Array {
  const { protectedBytes, payload } = message;
  return encodeCbor(['Signature1', protectedBytes, utf8ToBytes(externalAad), payload]);
}

/** The id of a message, 32 bytes: T(external_aad ‖ "/id", Sig_structure). A second signature does not change it. */
export function messageId(hash: Hash, externalAad: string, structure: Uint8Array): Uint8Array {
  return tagged(hash, `${externalAad}/id`, structure);
}

/** True if `key` signed the message as format `externalAad`. A key of another suite than the header names gives false. */
export function verifySign1(
  crypto: CryptoProvider,
  key: PublicKey,
  message: DecodedSign1,
  externalAad: string,
): boolean {
  if (key.suite !== message.suite) return false;
  return crypto.verify(key, sigStructure(message, externalAad), message.signature);
}

function isEmptyMap(value: CborValue | undefined): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.getPrototypeOf(value) === Object.prototype &&
    Object.keys(value).length === 0
  );
}

function malformed(message: string): AppError {
  return new AppError('cose/malformed', `${message}.`);
}

function badHeader(message: string): AppError {
  return new AppError('cose/bad-header', `${message}.`);
}
