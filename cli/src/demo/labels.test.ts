import { portableCrypto, type SecretKey } from '@suyuan/contracts';
import { expect, test } from 'vitest';
import { labelsOf } from './labels.ts';

const secret = (byte: number): SecretKey => ({
  suite: 'sm2',
  secret: new Uint8Array(32).fill(byte),
});
const hash = portableCrypto.hash('sha256');
const BATCH = { gtin: '09520000000110', lot: 'A', batch: 'L1' };

test('the same key and batch give the same serials, any other key or batch gives others', () => {
  const labels = labelsOf(hash, secret(1), BATCH, 100);
  expect(labelsOf(hash, secret(1), BATCH, 100)).toEqual(labels);
  for (const other of [
    labelsOf(hash, secret(2), BATCH, 100),
    labelsOf(hash, secret(1), { ...BATCH, lot: 'B' }, 100),
    labelsOf(hash, secret(1), { ...BATCH, batch: 'L2' }, 100),
  ]) {
    expect(other.serials.filter((serial) => labels.serials.includes(serial))).toEqual([]);
    expect(other.root).not.toEqual(labels.root);
  }
});

test('serials are distinct and of the characters that a GS1 serial may have', () => {
  const { serials } = labelsOf(hash, secret(1), BATCH, 1_000);
  expect(new Set(serials).size).toBe(1_000);
  for (const serial of serials) expect(serial).toMatch(/^[A-Za-z0-9_-]{11}$/);
});
