import { p256 } from '@noble/curves/nist.js';
import { numberToBytesBE } from '@noble/curves/utils.js';
import { describe, expect, it } from 'vitest';
import { concatBytes } from '../encoding/bytes.ts';
import { Sm2Point } from './sm2-curve.ts';
import { hasAffineX, sumHasX } from './sum-check.ts';

describe.each([
  ['SM2', Sm2Point],
  ['P-256', p256.Point],
] as const)('the x of a sum on %s', (_name, Point) => {
  const n = Point.Fn.ORDER;

  it('is compared modulo n, also when it lies between n and p', () => {
    let x = n;
    let point = Point.ZERO;
    while (point === Point.ZERO) {
      x++;
      try {
        point = Point.fromBytes(concatBytes(Uint8Array.of(2), numberToBytesBE(x, 32)));
      } catch {
        // Half of all x have no point.
      }
    }
    const projective = point.double().add(point.negate());
    expect(projective.Z).not.toBe(1n);
    expect(hasAffineX(Point, projective, x - n)).toBe(true);
    expect(hasAffineX(Point, projective, x - n + 1n)).toBe(false);
  });

  it('is that of u·G + v·P, with a table of P and without', () => {
    const p = Point.BASE.multiply(77n);
    const { x } = Point.BASE.multiply(5n + 3n * 77n).toAffine();
    for (const tabled of [false, true]) {
      if (tabled) p.precompute(5);
      expect(sumHasX(Point, 5n, 3n, p, tabled, x % n)).toBe(true);
      expect(sumHasX(Point, 5n, 3n, p, tabled, (x + 1n) % n)).toBe(false);
      expect(sumHasX(Point, 0n, 1n, p, tabled, p.toAffine().x % n)).toBe(true);
      expect(sumHasX(Point, n - 77n, 1n, p, tabled, x % n)).toBe(false);
    }
  });
});
