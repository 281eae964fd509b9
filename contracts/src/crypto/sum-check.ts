// The last step that ECDSA and SM2 share: the x coordinate of u·G + v·P, modulo the order, against an expected value.

import type { WeierstrassPoint } from '@noble/curves/abstract/weierstrass.js';

type Point = WeierstrassPoint<bigint>;

/** The parts of a noble curve of cofactor 1 that the check needs. */
export interface Curve {
  readonly BASE: Point;
  readonly Fp: { readonly ORDER: bigint; mul(a: bigint, b: bigint): bigint };
  readonly Fn: { readonly ORDER: bigint };
}

/**
 * True if u·G + v·P is finite and its affine x equals `x` modulo the order; u, v and x in 0 … n − 1. `tabled` says that P
 * has a table: without one a joint multiplication is faster than two.
 */
export function sumHasX(curve: Curve, u: bigint, v: bigint, p: Point, tabled: boolean, x: bigint) {
  const { BASE } = curve;
  const sum = tabled ? BASE.multiplyUnsafe(u).add(p.multiplyUnsafe(v)) : BASE.mulAddUnsafe(u, p, v);
  return !sum.is0() && hasAffineX(curve, sum, x);
}

/** Compares without the division that the affine form would cost. A point at infinity would equal anything. */
export function hasAffineX({ Fp, Fn }: Curve, point: Point, x: bigint): boolean {
  if (point.X === Fp.mul(x, point.Z)) return true;
  const wrapped = x + Fn.ORDER;
  return wrapped < Fp.ORDER && point.X === Fp.mul(wrapped, point.Z);
}
