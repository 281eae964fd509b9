// The first frame of each side and what each side signs (docs/formats.md §9, Handshake).

import {
  AppError,
  asArray,
  asBytes,
  asText,
  decodeCbor,
  encodeCbor,
  isAccountId,
  type PublicKey,
  publicKeyToValue,
  toPublicKey,
} from '@suyuan/contracts';
import { HANDSHAKE_TAG } from '../../signer/handshake.ts';
import { peerError } from './peer-error.ts';

export const PEER_VERSION = 1;
const ID_CHARS_MAX = 63;
/** Of nonce and instance. */
export const RANDOM_BYTES = 16;

export type Role = 'dialer' | 'listener';

export interface Hello {
  readonly chainId: Uint8Array;
  /** The account of a validator; null of an observer. Believed only as far as the key is admitted under it. */
  readonly id: string | null;
  readonly key: PublicKey;
  readonly nonce: Uint8Array;
  /** Random, the same as long as the process lives: tells two processes with one key from one that connects twice. */
  readonly instance: Uint8Array;
}

export function encodeHello(hello: Hello): Uint8Array {
  return encodeCbor([
    PEER_VERSION,
    hello.chainId,
    hello.id,
    publicKeyToValue(hello.key),
    hello.nonce,
    hello.instance,
  ]);
}

/** Throws `peer/other-version` or `peer/bad-hello`. */
export function decodeHello(bytes: Uint8Array): Hello {
  try {
    const fields = asArray(decodeCbor(bytes), 'hello', 16, 1);
    if (fields[0] !== PEER_VERSION) throw otherVersion(fields[0]);
    const [, chainId, id, key, nonce, instance] = asArray(fields, 'hello', 6, 6);
    if (id !== null && !isAccountId(asText(id, 'id', ID_CHARS_MAX))) {
      throw peerError('peer/bad-hello', 'The id in a hello is no account id.');
    }
    return {
      chainId: asBytes(chainId, 'chain id', 32),
      id: id === null ? null : asText(id, 'id', ID_CHARS_MAX),
      key: toPublicKey(key),
      nonce: asBytes(nonce, 'nonce', RANDOM_BYTES),
      instance: asBytes(instance, 'instance', RANDOM_BYTES),
    };
  } catch (error) {
    if (error instanceof AppError && error.code.startsWith('peer/')) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw peerError('peer/bad-hello', `A hello could not be read: ${message}`, {}, error);
  }
}

function otherVersion(version: unknown): AppError {
  const theirs = typeof version === 'number' ? version : -1;
  return peerError(
    'peer/other-version',
    `The peer speaks version ${theirs} of the protocol between validators, this node ${PEER_VERSION}: bring both to the same release.`,
    { theirs, ours: PEER_VERSION },
  );
}

/**
 * What a side signs: both hellos, who dialled, and 32 bytes that only the two ends of this very TLS session know, so that the
 * signature is worth nothing on another connection.
 */
export function proofTranscript(parts: {
  readonly chainId: Uint8Array;
  readonly role: Role;
  readonly exporter: Uint8Array;
  readonly own: Uint8Array;
  readonly other: Uint8Array;
}): Uint8Array {
  const { chainId, role, exporter, own, other } = parts;
  return encodeCbor([HANDSHAKE_TAG, chainId, role, exporter, own, other]);
}
