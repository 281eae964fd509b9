// A device pack (docs/formats.md §3): COSE_Sign1 over SenML-CBOR, chained by (bootEpoch, seq, id of the previous pack).

import {
  type DecodedSign1,
  decodeSign1,
  messageId,
  signSign1,
  sigStructure,
} from '../crypto/cose.ts';
import type { CryptoProvider, Hash, PublicKey, SecretKey } from '../crypto/types.ts';
import { bytesToUtf8, utf8ToBytes } from '../encoding/bytes.ts';
import type { CborValue } from '../encoding/types.ts';
import { AppError } from '../errors.ts';
import { PACK_SIZE_BYTES_MAX } from '../limits.ts';
import type { Reading } from './quantities.ts';
import { decodeSenml, encodeSenml } from './senml.ts';

export const PACK_AAD = 'suyuan/pack/1';

/** COSE header of private use (RFC 9052 §11.1): [bootEpoch, seq, prev]. */
const CHAIN_HEADER = -65537;
const CONTENT_TYPE_HEADER = 3;
/** `application/senml+cbor` in the CoAP content format registry. */
const SENML_CBOR = 112;
const DEVICE_ID = /^[0-9A-Za-z][0-9A-Za-z._-]{3,29}$/;

export interface DecodedPack {
  readonly bytes: Uint8Array;
  readonly deviceId: string;
  readonly suite: DecodedSign1['suite'];
  readonly bootEpoch: number;
  readonly seq: number;
  /** 32 bytes: id of the device's previous pack, zeros for its first. */
  readonly prev: Uint8Array;
  /** SenML-CBOR; `packReadings` reads it. */
  readonly payload: Uint8Array;
  /** The encoded Sig_structure. */
  readonly signedBytes: Uint8Array;
  /** 64 bytes. */
  readonly signature: Uint8Array;
}

export interface PackContent {
  readonly secret: SecretKey;
  readonly deviceId: string;
  readonly bootEpoch: number;
  readonly seq: number;
  readonly prev: Uint8Array;
}

/** True for a device id of docs/formats.md §1. */
export function isDeviceId(value: string): boolean {
  return DEVICE_ID.test(value);
}

/** Signs a pack of readings, or of a ready SenML-CBOR payload. Throws RangeError on fields outside the format. */
export function encodePack(
  crypto: CryptoProvider,
  content: PackContent &
    ({ readonly readings: readonly Reading[] } | { readonly payload: Uint8Array }),
): Uint8Array {
  if (!isDeviceId(content.deviceId)) throw new RangeError('encodePack: malformed device id');
  if (content.prev.length !== 32) throw new RangeError('encodePack: prev must be 32 bytes');
  const bytes = signSign1(crypto, {
    secret: content.secret,
    kid: utf8ToBytes(content.deviceId),
    externalAad: PACK_AAD,
    headers: new Map<number, CborValue>([
      [CONTENT_TYPE_HEADER, SENML_CBOR],
      [CHAIN_HEADER, [content.bootEpoch, content.seq, content.prev]],
    ]),
    payload:
      'payload' in content ? content.payload : encodeSenml(content.deviceId, content.readings),
  });
  if (bytes.length > PACK_SIZE_BYTES_MAX)
    throw new RangeError('encodePack: the pack is larger than 16 KiB');
  return bytes;
}

/** Decodes without checking the signature or the readings. Throws `pack/*`, `cose/*` or `cbor/*`. */
export function decodePack(bytes: Uint8Array): DecodedPack {
  if (bytes.length > PACK_SIZE_BYTES_MAX) {
    throw new AppError(
      'pack/too-large',
      `A pack may have ${PACK_SIZE_BYTES_MAX} bytes; send fewer readings in one.`,
    );
  }
  const message = decodeSign1(bytes);
  const chain = message.headers.get(CHAIN_HEADER);
  if (message.headers.get(CONTENT_TYPE_HEADER) !== SENML_CBOR || message.headers.size !== 4) {
    throw new AppError(
      'pack/bad-header',
      'The protected header must hold alg, kid, content type 112 and the chain only.',
    );
  }
  const [bootEpoch, seq, prev] =
    Array.isArray(chain) && chain.length === 3 ? (chain as CborValue[]) : [];
  if (!isUint(bootEpoch) || !isUint(seq) || !(prev instanceof Uint8Array) || prev.length !== 32) {
    throw new AppError(
      'pack/bad-header',
      'The chain header must be [bootEpoch, seq, 32 bytes of previous id].',
    );
  }
  const deviceId = kidText(message.kid);
  if (!isDeviceId(deviceId)) throw new AppError('pack/bad-header', 'The kid is not a device id.');
  return {
    bytes,
    deviceId,
    suite: message.suite,
    bootEpoch,
    seq,
    prev,
    payload: message.payload,
    signedBytes: sigStructure(message, PACK_AAD),
    signature: message.signature,
  };
}

function isUint(value: CborValue | undefined): value is number {
  return typeof value === 'number' && value >= 0;
}

function kidText(kid: Uint8Array): string {
  try {
    return bytesToUtf8(kid);
  } catch {
    return '';
  }
}

/** 32 bytes naming what was signed, not the signature: a re-signed copy has the same id. */
export function packId(hash: Hash, pack: Pick<DecodedPack, 'signedBytes'>): Uint8Array {
  return messageId(hash, PACK_AAD, pack.signedBytes);
}

/** True if the pack's signature verifies under `key`; another suite than the key's gives false. */
export function verifyPack(crypto: CryptoProvider, key: PublicKey, pack: DecodedPack): boolean {
  return key.suite === pack.suite && crypto.verify(key, pack.signedBytes, pack.signature);
}

/** The readings of the pack, within physical limits. Throws `pack/*` or `cbor/*`. */
export function packReadings(pack: Pick<DecodedPack, 'payload' | 'deviceId'>): Reading[] {
  return decodeSenml(pack.payload, pack.deviceId);
}
