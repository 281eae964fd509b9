// The SM2 curve of GB/T 32918.5-2017 and the digest Z of GB/T 32918.2 §5.5 that binds a signature to its signer.

import { type WeierstrassPoint, weierstrass } from '@noble/curves/abstract/weierstrass.js';
import { numberToBytesBE } from '@noble/curves/utils.js';
import { concatBytes, isWellFormedText, utf8ToBytes } from '../encoding/bytes.ts';
import { sm3 } from './sm3.ts';

const CURVE = {
  p: 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn,
  n: 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n,
  h: 1n,
  a: 0xfffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffcn,
  b: 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n,
  Gx: 0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
  Gy: 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n,
};

export type Sm2Point = WeierstrassPoint<bigint>;

/** Points of the curve; the cofactor is 1, so that every finite point has order `n`. */
export const Sm2Point = weierstrass(CURVE);

/** Integers modulo the order `n`. */
export const { Fn } = Sm2Point;

/** G. Its table (1,408 points) is built at the first use: one table serves all verifications. */
export const G = Sm2Point.BASE;
G.precompute(6);

/** GM/T 0009 §7: the user id where none is agreed. */
export const DEFAULT_USER_ID = '1234567812345678';
const USER_ID_BYTES_MAX = 64;

const CURVE_BYTES = concatBytes(...[CURVE.a, CURVE.b, CURVE.Gx, CURVE.Gy].map(coordinate));

function coordinate(value: bigint): Uint8Array {
  return numberToBytesBE(value, 32);
}

/** The UTF-8 of a user id, or undefined when it is ill-formed or longer than 64 bytes. */
export function userIdBytes(userId: string = DEFAULT_USER_ID): Uint8Array | undefined {
  if (typeof userId !== 'string' || userId.length > USER_ID_BYTES_MAX) return undefined;
  if (!isWellFormedText(userId)) return undefined;
  const bytes = utf8ToBytes(userId);
  return bytes.length <= USER_ID_BYTES_MAX ? bytes : undefined;
}

/** Z = SM3(ENTL ‖ ID ‖ a ‖ b ‖ xG ‖ yG ‖ xA ‖ yA), 32 bytes; ENTL is the length of the id in bits, two bytes. */
export function signerDigest(id: Uint8Array, key: Sm2Point): Uint8Array {
  const bits = id.length * 8;
  const { x, y } = key.toAffine();
  const length = Uint8Array.of(bits >> 8, bits & 0xff);
  return sm3(concatBytes(length, id, CURVE_BYTES, coordinate(x), coordinate(y)));
}
