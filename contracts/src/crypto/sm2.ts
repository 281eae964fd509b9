// SM2 signatures, GB/T 32918.2-2016 §6 and §7, on the curve of GB/T 32918.5, with e = SM3(Z ‖ M).

import { bytesToNumberBE, createHmacDrbg, numberToBytesBE } from '@noble/curves/utils.js';
import { hmac } from '@noble/hashes/hmac.js';
import { concatBytes } from '../encoding/bytes.ts';
import { AppError } from '../errors.ts';
import { createKeyCache } from './key-cache.ts';
import { Fn, G, Sm2Point, signerDigest, userIdBytes } from './sm2-curve.ts';
import { sm3 } from './sm3.ts';
import { sumHasX } from './sum-check.ts';
import type { PublicKey, SecretKey } from './types.ts';

const keys = createKeyCache(decodeSm2Key);

/** Z of secrets seen before, so that a signature costs one multiplication of G and not two. Z is public. */
const digests = new WeakMap<SecretKey, Uint8Array>();

function badKey(message: string): AppError {
  return new AppError('crypto/bad-key', message);
}

/** The scalar of a secret key: 32 bytes, 1 … n − 2 (at n − 1 the factor 1 + d of §6.1 has no inverse). */
function scalarOf(secret: SecretKey): bigint {
  const { secret: bytes } = secret;
  const d = bytes instanceof Uint8Array && bytes.length === 32 ? bytesToNumberBE(bytes) : 0n;
  if (d < 1n || d > Fn.ORDER - 2n) throw badKey('Give an sm2 secret of 32 bytes from 1 to n − 2.');
  return d;
}

/** 33 bytes, compressed. Throws `crypto/bad-key`. */
export function sm2PublicKey(secret: SecretKey): PublicKey {
  const bytes = G.multiply(scalarOf(secret)).toBytes(true);
  return secret.userId === undefined
    ? { suite: 'sm2', bytes }
    : { suite: 'sm2', bytes, userId: secret.userId };
}

/**
 * r ‖ s, 64 bytes. The nonce is that of RFC 6979 §3.2 with HMAC-SM3 over the secret and e, so it needs no random source
 * and repeats only with the same message. Throws `crypto/bad-key`.
 */
export function sm2Sign(secret: SecretKey, message: Uint8Array): Uint8Array {
  const d = scalarOf(secret);
  const e = sm3(concatBytes(signerDigestOf(secret, d), message));
  const scalar = bytesToNumberBE(e);
  const seed = concatBytes(secret.secret, numberToBytesBE(Fn.create(scalar), 32));
  return createNonces(seed, (nonce) => signWithNonce(d, scalar, bytesToNumberBE(nonce)));
}

const createNonces = createHmacDrbg<Uint8Array>(32, 32, (key: Uint8Array, data: Uint8Array) =>
  hmac(sm3, key, data),
);

/** §6.1 with a given nonce, or undefined where the standard draws another. Exported for the standard's own example. */
export function signWithNonce(d: bigint, e: bigint, k: bigint): Uint8Array | undefined {
  if (k < 1n || k >= Fn.ORDER) return undefined;
  const r = Fn.create(e + G.multiply(k).toAffine().x);
  if (r === 0n || r + k === Fn.ORDER) return undefined;
  const s = Fn.mul(Fn.inv(1n + d), Fn.create(k - Fn.mul(r, d)));
  if (s === 0n) return undefined;
  return concatBytes(numberToBytesBE(r, 32), numberToBytesBE(s, 32));
}

function signerDigestOf(secret: SecretKey, d: bigint): Uint8Array {
  const known = digests.get(secret);
  if (known !== undefined) return known;
  const id = userIdBytes(secret.userId);
  if (id === undefined) throw badKey('Give an sm2 user id of at most 64 bytes.');
  const digest = signerDigest(id, G.multiply(d));
  digests.set(secret, digest);
  return digest;
}

/** True if `signature` is r ‖ s with r, s in 1 … n − 1 and satisfies §7.1. Never throws. */
export function sm2Verify(key: PublicKey, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== 64) return false;
  const r = bytesToNumberBE(signature.subarray(0, 32));
  const s = bytesToNumberBE(signature.subarray(32));
  if (!Fn.isValidNot0(r) || !Fn.isValidNot0(s)) return false;
  const t = Fn.add(r, s);
  if (t === 0n) return false;
  const known = keys.get(key);
  if (known === undefined) return false;
  const { point, digest } = known.key;
  const e = bytesToNumberBE(sm3(concatBytes(digest, message)));
  const valid = sumHasX(Sm2Point, s, t, point, known.tabled, Fn.create(r - e));
  if (valid) keys.used(known);
  return valid;
}

/** The point and Z of a key; undefined when it is not 33 bytes of a compressed point or its user id is too long. */
export function decodeSm2Key(key: PublicKey): { point: Sm2Point; digest: Uint8Array } | undefined {
  const id = userIdBytes(key.userId);
  if (id === undefined || key.bytes.length !== 33) return undefined;
  try {
    const point = Sm2Point.fromBytes(key.bytes);
    return { point, digest: signerDigest(id, point) };
  } catch {
    return undefined;
  }
}
