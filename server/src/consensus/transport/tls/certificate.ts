// The certificate that TLS wants. It says nothing about who this is (the hello does, under the validator's key): an Ed25519 key that
// lives as long as the process, signed by itself (RFC 5280, RFC 8410).

import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OBJECT_ID = 0x06;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
/** [0] EXPLICIT, the version. */
const CONTEXT_0 = 0xa0;

const ED25519_ID = Uint8Array.of(0x2b, 0x65, 0x70);
const COMMON_NAME_ID = Uint8Array.of(0x55, 0x04, 0x03);
const VERSION_3 = 2;

export interface ChannelCertificate {
  /** Both PEM. */
  readonly key: string;
  readonly cert: string;
}

export function createChannelCertificate(): ChannelCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const algorithm = der(SEQUENCE, der(OBJECT_ID, ED25519_ID));
  const name = der(
    SEQUENCE,
    der(SET, der(SEQUENCE, der(OBJECT_ID, COMMON_NAME_ID), der(UTF8_STRING, text('suyuan node')))),
  );
  // The key dies with the process; a machine whose clock is wrong must still be able to connect and say so.
  const validity = der(
    SEQUENCE,
    der(UTC_TIME, text('700101000000Z')),
    der(GENERALIZED_TIME, text('99991231235959Z')),
  );
  const body = der(
    SEQUENCE,
    der(CONTEXT_0, der(INTEGER, Uint8Array.of(VERSION_3))),
    der(INTEGER, serialNumber()),
    algorithm,
    name,
    validity,
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = sign(null, body, privateKey);
  const certificate = der(SEQUENCE, body, algorithm, der(BIT_STRING, Uint8Array.of(0), signature));
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: pem('CERTIFICATE', certificate),
  };
}

/** Positive and in its shortest form: the first byte is 0x40 to 0x7f. */
function serialNumber(): Uint8Array {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x3f) | 0x40;
  return bytes;
}

function der(tag: number, ...contents: Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Uint8Array.of(tag), derLength(content.length), content]);
}

function derLength(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  if (length < 0x100) return Uint8Array.of(0x81, length);
  return Uint8Array.of(0x82, length >> 8, length & 0xff);
}

function text(ascii: string): Uint8Array {
  return Buffer.from(ascii, 'latin1');
}

function pem(label: string, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
