// The cryptography of the house with node:crypto where OpenSSL does it right and faster. It
// agrees with `portableCrypto` on every input. SM2 stays portable: OpenSSL as Node exposes it signs and checks SM2 under
// an empty user id only.

import {
  createPrivateKey,
  createPublicKey,
  getHashes,
  type KeyObject,
  hash as nodeHash,
  sign as nodeSign,
  verify as nodeVerify,
  type SignKeyObjectInput,
  type VerifyKeyObjectInput,
} from 'node:crypto';
import { BoundedCache } from '../crypto/bounded-cache.ts';
import { assertEd25519Secret, ed25519Point } from '../crypto/ed25519.ts';
import { assertEs256Secret } from '../crypto/es256.ts';
import { portableCrypto } from '../crypto/portable.ts';
import type {
  AsyncCryptoProvider,
  Hash,
  HashName,
  PublicKey,
  SecretKey,
  SuiteName,
} from '../crypto/types.ts';
import { bytesToHex, concatBytes, hexToBytes } from '../encoding/bytes.ts';

/** Imported public keys, about 2 kB each inside OpenSSL. */
const KEYS_MAX = 8192;
/** Below this length the call into OpenSSL costs more than SM3 itself. */
const SM3_NATIVE_FROM_BYTES = 128;

type NativeSuite = Exclude<SuiteName, 'sm2'>;

interface Native {
  /** The digest that node:crypto applies to the message, null where the scheme has its own. */
  readonly digest: 'sha256' | null;
  /** Length of a public key in bytes. */
  readonly keyBytes: number;
  /** DER up to the key bytes: SubjectPublicKeyInfo and PKCS #8 without the public key (RFC 5480, RFC 5915, RFC 8410). */
  readonly spki: Uint8Array;
  readonly pkcs8: Uint8Array;
  assertSecret(secret: SecretKey): void;
  /** What OpenSSL lets pass and `portableCrypto` does not. */
  isStrictKey(bytes: Uint8Array): boolean;
}

const NATIVE: Readonly<Record<NativeSuite, Native>> = {
  es256: {
    digest: 'sha256',
    keyBytes: 33,
    spki: hexToBytes('3039301306072a8648ce3d020106082a8648ce3d030107032200'),
    pkcs8: hexToBytes('3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420'),
    assertSecret: assertEs256Secret,
    // In 33 bytes OpenSSL takes nothing but a compressed point of the curve with its coordinate in range.
    isStrictKey: () => true,
  },
  ed25519: {
    digest: null,
    keyBytes: 32,
    spki: hexToBytes('302a300506032b6570032100'),
    pkcs8: hexToBytes('302e020100300506032b657004220420'),
    assertSecret: assertEd25519Secret,
    // OpenSSL takes any 32 bytes and fails, or does not, at the signature.
    isStrictKey: (bytes) => ed25519Point(bytes) !== undefined,
  },
};

const publicKeys = new BoundedCache<string, KeyObject>(KEYS_MAX);
const privateKeys = new WeakMap<SecretKey, KeyObject>();

function isNative(suite: SuiteName): suite is NativeSuite {
  return Object.hasOwn(NATIVE, suite);
}

/** The key as OpenSSL holds it, or undefined when it is malformed. */
function publicKeyObject(suite: NativeSuite, bytes: Uint8Array): KeyObject | undefined {
  const native = NATIVE[suite];
  if (!(bytes instanceof Uint8Array) || bytes.length !== native.keyBytes) return undefined;
  const name = bytesToHex(bytes);
  const known = publicKeys.get(name);
  if (known !== undefined) return known;
  if (!native.isStrictKey(bytes)) return undefined;
  try {
    const der = Buffer.from(concatBytes(native.spki, bytes));
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    publicKeys.set(name, key);
    return key;
  } catch {
    return undefined;
  }
}

function privateKeyObject(native: Native, secret: SecretKey): KeyObject {
  const known = privateKeys.get(secret);
  if (known !== undefined) return known;
  native.assertSecret(secret);
  const der = Buffer.from(concatBytes(native.pkcs8, secret.secret));
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  der.fill(0);
  privateKeys.set(secret, key);
  return key;
}

/** r ‖ s instead of DER; Ed25519 ignores it. */
function withRawSignature(key: KeyObject): VerifyKeyObjectInput & SignKeyObjectInput {
  return { key, dsaEncoding: 'ieee-p1363' };
}

function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

const sha256: Hash = (data) => plain(nodeHash('sha256', data, 'buffer'));
const portableSm3 = portableCrypto.hash('sm3');
const nativeSm3: Hash = (data) =>
  data.length < SM3_NATIVE_FROM_BYTES ? portableSm3(data) : plain(nodeHash('sm3', data, 'buffer'));

const HASHES: Readonly<Record<HashName, Hash>> = {
  sha256,
  // Builds of OpenSSL without SM3 exist.
  sm3: getHashes().includes('sm3') ? nativeSm3 : portableSm3,
};

/** The provider for gateways and ledger nodes. ES256 signatures take OpenSSL's random nonces; all else is deterministic. */
export const nodeCrypto: AsyncCryptoProvider = {
  hash: (name) => HASHES[name],
  publicKeyOf: (secret) => portableCrypto.publicKeyOf(secret),

  sign(secret, message) {
    if (!isNative(secret.suite)) return portableCrypto.sign(secret, message);
    const native = NATIVE[secret.suite];
    const key = privateKeyObject(native, secret);
    return plain(nodeSign(native.digest, message, withRawSignature(key)));
  },

  verify(key, message, signature) {
    if (!isNative(key.suite)) return portableCrypto.verify(key, message, signature);
    const imported = importForVerify(key, signature);
    if (imported === undefined) return false;
    const { digest } = NATIVE[key.suite];
    try {
      return nodeVerify(digest, message, withRawSignature(imported), signature);
    } catch {
      return false;
    }
  },

  /** Off the calling thread for es256 and ed25519; on it for sm2. Resolves always. */
  async verifyAsync(key, message, signature) {
    if (!isNative(key.suite)) return portableCrypto.verify(key, message, signature);
    const imported = importForVerify(key, signature);
    if (imported === undefined) return false;
    const { digest } = NATIVE[key.suite];
    return new Promise<boolean>((resolve) => {
      const done = (error: Error | null, valid: boolean) => resolve(error === null && valid);
      try {
        nodeVerify(digest, message, withRawSignature(imported), signature, done);
      } catch {
        resolve(false);
      }
    });
  },
};

function importForVerify(key: PublicKey, signature: Uint8Array): KeyObject | undefined {
  if (!(signature instanceof Uint8Array) || signature.length !== 64 || !isNative(key.suite)) {
    return undefined;
  }
  return publicKeyObject(key.suite, key.bytes);
}
