// Genealogies for tests: lots by the shape of their inputs, and what a trace of them must give, worked out the plain way.

import type { IndexedLot } from '../../storage/trace-index.ts';

export const GTIN = '06901234567892';

/** Lot `n` made from lots of smaller numbers. */
export function lotsOf(inputs: readonly (readonly number[])[]): IndexedLot[] {
  return inputs.map((parents, n) => ({
    gtin: GTIN,
    lot: `L/${n}`,
    made: 1000 + n,
    place: `690000000000${n % 3}`,
    maker: n % 2 === 0 ? 'even' : 'odd',
    inputs: [...new Set(parents)].map((p) => ({ gtin: GTIN, lot: `L/${p}`, amount: 1 })),
    moves: [],
  }));
}

/** Seeds and all reached from them, ascending. */
export function reached(
  inputs: readonly (readonly number[])[],
  seeds: readonly number[],
  direction: 'down' | 'up',
): number[] {
  const found = new Set(seeds);
  for (let grew = true; grew; ) {
    const before = found.size;
    inputs.forEach((parents, child) => {
      for (const parent of parents) {
        if (direction === 'down' && found.has(parent)) found.add(child);
        if (direction === 'up' && found.has(child)) found.add(parent);
      }
    });
    grew = found.size > before;
  }
  return [...found].sort((a, b) => a - b);
}
