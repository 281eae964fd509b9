import { type Block, leafHash, logRoot, verifyInclusion } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { expect, test } from 'vitest';
import { createBlockCache } from './block-cache.ts';

const hash = nodeCrypto.hash('sha256');

function block(height: number, count: number): Block {
  const leaves = (kind: number) =>
    Array.from({ length: count }, (_, i) => new Uint8Array([height, kind, i]));
  const head = new Uint8Array([height]);
  return { header: head, certificate: head, via: [], txs: leaves(0), receipts: leaves(1) };
}

function open(limits?: { bytes: number; blocks: number }) {
  const read: number[] = [];
  const cache = createBlockCache(
    (height) => {
      read.push(height);
      return height > 9 ? undefined : block(height, height);
    },
    hash,
    limits,
  );
  return { cache, read };
}

test('reads a block once, and does not remember that there was none', () => {
  const { cache, read } = open();
  expect(cache.read(3)).toEqual(block(3, 3));
  expect(cache.read(3)).toBe(cache.read(3));
  expect([cache.read(10), cache.read(10), cache.prove(10, 0)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(read).toEqual([3, 10, 10, 10]);
});

test('proves every leaf of both trees', () => {
  const { cache, read } = open();
  for (let height = 1; height <= 9; height += 1) {
    const { txs, receipts } = block(height, height);
    for (let index = 0; index < height; index += 1) {
      const proofs = cache.prove(height, index)!;
      for (const [leaves, proof] of [
        [txs, proofs.tx],
        [receipts, proofs.receipt],
      ] as const) {
        const hashes = leaves.map((leaf) => leafHash(hash, leaf));
        const root = logRoot(hash, hashes);
        verifyInclusion(hash, { index, size: height, leaf: hashes[index]!, proof, root });
      }
    }
  }
  expect(read).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(() => cache.prove(4, 4)).toThrow(expect.objectContaining({ code: 'merkle/bad-index' }));
});

test('forgets what was used longest ago, by number and by bytes', () => {
  const few = open({ bytes: 1_000_000, blocks: 2 });
  for (const height of [1, 2, 1, 3, 1, 2]) few.cache.read(height);
  expect(few.read).toEqual([1, 2, 3, 2]);
  // Block n has 2 + 6n bytes.
  const small = open({ bytes: 8 + 14, blocks: 100 });
  for (const height of [1, 2, 1, 2, 9, 2]) small.cache.read(height);
  expect(small.read).toEqual([1, 2, 9, 2]);
});
