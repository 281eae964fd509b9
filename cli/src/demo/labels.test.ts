import {
  HIDDEN_CODE,
  hiddenCommitment,
  leafHash,
  portableCrypto,
  type SecretKey,
  unitLeaf,
} from '@suyuan/contracts';
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

test('codes under the scratch layer are of the ledger’s letters, differ, and are committed to in the leaves', () => {
  const { serials, leaves, codes, root } = labelsOf(hash, secret(1), BATCH, 50, true);
  expect(new Set(codes).size).toBe(50);
  for (const code of codes) expect(code).toMatch(HIDDEN_CODE);
  const unit = { ...BATCH, serial: serials[3] ?? '' };
  const commitment = hiddenCommitment(hash, unit, codes[3] ?? '');
  expect(leaves[3]).toEqual(
    leafHash(hash, unitLeaf(BATCH.gtin, BATCH.lot, unit.serial, commitment)),
  );
  expect(root).not.toEqual(labelsOf(hash, secret(1), BATCH, 50).root);
});
