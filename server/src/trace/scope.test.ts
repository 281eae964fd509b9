import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStateDatabase, type Snapshot, type StateDatabase } from '../storage/database.ts';
import { editIndex, lotCount, lotNameOf, lotNumber, lotsPresent } from '../storage/trace-index.ts';
import { openGraph } from './graph.ts';
import { PagedBits } from './paged-bits.ts';
import { type ScopeOptions, scopeOf, sweepScope } from './scope.ts';
import { type SweptLots, sweepDown, sweepUp } from './sweep.ts';
import { GTIN, lotsOf, reached } from './testing/random-lots.ts';

let directory = '';
let db: StateDatabase;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'suyuan-trace-'));
  db = await openStateDatabase(directory);
});
afterEach(async () => {
  await db.close();
  await rm(directory, { recursive: true, force: true });
});

type Shape = readonly (readonly number[])[];

/** Lots of which each is made from up to 5 earlier ones. */
const shapes: fc.Arbitrary<Shape> = fc
  .array(fc.array(fc.nat(1_000_000), { maxLength: 5 }), { minLength: 1, maxLength: 300 })
  .map((lists) => lists.map((list, n) => (n === 0 ? [] : list.map((p) => p % n))));

/** Index the lots, so many a block. */
async function fill(shape: Shape, perBlock: number): Promise<void> {
  const lots = lotsOf(shape);
  for (let from = 0; from < lots.length; from += perBlock) {
    const index = editIndex(db);
    for (const lot of lots.slice(from, from + perBlock)) index.add(lot);
    await db.write(index.writes());
  }
}

async function refill(shape: Shape, perBlock: number): Promise<void> {
  await db.close();
  await rm(directory, { recursive: true, force: true });
  db = await openStateDatabase(directory);
  await fill(shape, perBlock);
}

function bitsOf(numbers: readonly number[]): PagedBits {
  const bits = new PagedBits();
  for (const number of numbers) bits.add(number);
  return bits;
}

const listed = (swept: Iterable<SweptLots>): number[] =>
  [...swept].flatMap(({ lots }) => [...lots]);

describe('sweeps', () => {
  it('meet what a plain search meets, once, inputs first or last', async () => {
    await fc.assert(
      fc.asyncProperty(
        shapes,
        fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 90 }),
        async (shape, picks, perBlock) => {
          await refill(shape, perBlock);
          const seeds = [...new Set(picks.map((pick) => pick % shape.length))];
          const graph = openGraph(db);
          expect(graph.count).toBe(shape.length);
          expect(listed(sweepDown(graph, bitsOf(seeds)))).toEqual(reached(shape, seeds, 'down'));
          expect(listed(sweepUp(graph, bitsOf(seeds)))).toEqual(
            reached(shape, seeds, 'up').reverse(),
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  it('go through more children than an entry holds, made over many blocks', async () => {
    await fill([[], [], ...Array.from({ length: 500 }, (_, i) => (i % 5 === 4 ? [1] : [0, 1]))], 7);
    const graph = openGraph(db);
    expect(listed(sweepDown(graph, bitsOf([0]))).length).toBe(401);
    expect(listed(sweepDown(graph, bitsOf([1]))).length).toBe(501);
  });

  it('say what was made of each lot', async () => {
    await fill([[], [0], [1], [0]], 2);
    const down = [...sweepDown(openGraph(db), bitsOf([1]))].flatMap(({ made }) => [...made]);
    const up = [...sweepUp(openGraph(db), bitsOf([2]))].flatMap(({ made }) => [...made]);
    expect(down).toEqual([1001, 1002]);
    expect(up).toEqual([1002, 1001, 1000]);
  });

  it('see one moment for as long as it is held, whatever is made meanwhile', async () => {
    await fill([[], [0]], 2);
    const held = db.hold();
    const graph = openGraph(held);
    for (let n = 2; n < 6; n++) {
      const index = editIndex(db);
      for (const lot of lotsOf([[], [], [], [], [], []].map(() => [0])).slice(n, n + 1)) {
        index.add(lot);
      }
      await db.write(index.writes());
    }
    expect(listed(sweepDown(graph, bitsOf([0])))).toEqual([0, 1]);
    held.release();
    held.release();
    expect(listed(sweepDown(openGraph(db), bitsOf([0])))).toEqual([0, 1, 2, 3, 4, 5]);
  });
});

describe('the scope of a recall', () => {
  const scopes = fc.record({ ancestors: fc.boolean(), siblings: fc.boolean() });

  function expected(shape: Shape, seeds: readonly number[], options: ScopeOptions): number[] {
    const inputs = seeds.flatMap((seed) => shape[seed] ?? []);
    const siblings = options.siblings
      ? shape.flatMap((parents, n) => (parents.some((p) => inputs.includes(p)) ? [n] : []))
      : [];
    const down = reached(shape, [...seeds, ...siblings], 'down');
    const up = options.ancestors ? reached(shape, seeds, 'up') : [];
    return [...new Set([...down, ...up])].sort((a, b) => a - b);
  }

  it('is what the formats say, each lot once', async () => {
    await fc.assert(
      fc.asyncProperty(
        shapes,
        fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
        scopes,
        async (shape, picks, options) => {
          await refill(shape, 64);
          const seeds = [...new Set(picks.map((pick) => pick % shape.length))];
          const found = listed(sweepScope(openGraph(db), seeds, options));
          expect([...found].sort((a, b) => a - b)).toEqual(expected(shape, seeds, options));
          const refs = [
            ...scopeOf(
              db,
              seeds.map((n) => ({ gtin: GTIN, lot: `L/${n}` })),
              options,
            ),
          ];
          expect(refs).toEqual(found.map((n) => ({ gtin: GTIN, lot: `L/${n}` })));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('is read as it is asked for', async () => {
    await fill(
      Array.from({ length: 5000 }, (_, n) => (n === 0 ? [] : [n - 1])),
      5000,
    );
    let reads = 0;
    const counting: Snapshot = {
      ...db,
      get: (...args) => {
        reads += 1;
        return db.get(...args);
      },
      peek: (...args) => {
        reads += 1;
        return db.peek(...args);
      },
    };
    const scope = scopeOf(counting, [{ gtin: GTIN, lot: 'L/0' }]);
    scope.next();
    expect(reads).toBeLessThan(20);
    expect([...scope].length).toBe(4999);
  });

  it('passes over lots that do not exist', async () => {
    await fill([[]], 1);
    expect([...scopeOf(db, [{ gtin: GTIN, lot: 'none' }])]).toEqual([]);
  });
});

describe('the index', () => {
  it('gives names and numbers, and where a lot ever was', async () => {
    await fill(
      Array.from({ length: 200 }, () => []),
      33,
    );
    expect(lotCount(db)).toBe(200);
    expect(lotNumber(db, `${GTIN}/L%2F137`)).toBe(137);
    expect(lotNumber(db, `${GTIN}/L%2F200`)).toBeUndefined();
    expect(lotNameOf(db, 137)).toBe(`${GTIN}/L%2F137`);
    const index = editIndex(db);
    index.present(`${GTIN}/L%2F1`, [{ place: '6900000000000', holder: 'shop' }]);
    await db.write(index.writes());
    const at = [...lotsPresent(db, 'place', '6900000000000')];
    expect(at.slice(0, 4)).toEqual([0, 1, 3, 6]);
    expect(at.length).toBe(68);
    expect([...lotsPresent(db, 'holder', 'odd')].length).toBe(100);
    expect([...lotsPresent(db, 'holder', 'shop')]).toEqual([1]);
    expect([...lotsPresent(db, 'holder', 'sho')]).toEqual([]);
  });

  it('refuses a lot made from one that it does not know', () => {
    expect(() => editIndex(db).add(lotsOf([[], [0]])[1]!)).toThrow('is not in it');
  });
});

describe('a set of numbers', () => {
  it('is ordered both ways, across pages', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(200_000)), fc.nat(200_000), (numbers, at) => {
        const bits = bitsOf(numbers);
        const sorted = [...new Set(numbers)].sort((a, b) => a - b);
        expect(bits.count).toBe(sorted.length);
        expect(bits.next(at)).toBe(sorted.find((n) => n >= at) ?? -1);
        expect(bits.previous(at)).toBe(sorted.findLast((n) => n <= at) ?? -1);
        expect(bits.has(at)).toBe(sorted.includes(at));
      }),
    );
  });
});
