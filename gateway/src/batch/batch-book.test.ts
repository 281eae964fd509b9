import { expect, it } from 'vitest';
import { BatchBook } from './batch-book.ts';
import type { ClosedBatch } from './closed-batch.ts';

const batch = (number: number): ClosedBatch => ({
  record: {
    ...{ kind: 'batch-closed', batch: number, root: new Uint8Array(32), count: 1 },
    ...{ readings: 1, from_ms: 0, to_ms: 0 },
  },
  durable: Promise.resolve({ segment: 0, offset: number }),
  packs: [],
  anchored: false,
  submissions: [],
});

it('knows the next batch to store and to anchor while either is behind the other', () => {
  const book = new BatchBook(3);
  const all = [3, 4, 5, 6].map(batch);
  expect(book.firstUnstored()).toBeUndefined();
  for (const one of all) book.add(one);
  const [third, fourth, fifth] = all as [ClosedBatch, ClosedBatch, ClosedBatch, ClosedBatch];
  book.markStored(third);
  book.markStored(fourth);
  expect([book.firstUnstored(), book.firstUnanchored()]).toEqual([fifth, third]);
  for (const one of [third, fourth, fifth]) book.markAnchored(one);
  expect([book.firstUnstored(), book.firstUnanchored()?.record.batch]).toEqual([fifth, 6]);
  expect([book.unanchored, book.unfinished.length, book.stored, book.anchored]).toEqual([
    1, 2, 5, 6,
  ]);
  book.markStored(fifth);
  expect(book.unfinished.map((one) => one.record.batch)).toEqual([6]);
});
