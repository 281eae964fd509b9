import { describe, expect, it } from 'vitest';
import { BUNDLE_LOTS_MAX } from '../limits.ts';
import { type Lot, lotKey } from '../rules/lots/lot.ts';
import { codeOf } from '../testing/hostile.ts';
import { evidenceKeys } from './evidence-keys.ts';
import { lineageOf } from './lineage.ts';

const GTIN = '06901234500004';
const PLACE = '6901234500103';

function lotOf(lot: string, since: number, inputs: readonly string[] = []): Lot {
  return {
    gtin: GTIN,
    lot,
    maker: 'coop',
    holder: 'coop',
    made: 10,
    left: 0,
    labelled: 0,
    used: 10,
    lost: 0,
    destroyed: 0,
    weighed: since,
    place: PLACE,
    since,
    moves: [],
    born: since,
    process: inputs.length === 0 ? 'harvest' : 'mix',
    inputs: inputs.map((input) => ({ gtin: GTIN, lot: input, amount: 1 })),
    tx: new Uint8Array(32),
    dependents: 0,
    batches: 0,
  };
}

function stateOf(lots: readonly Lot[], places: readonly string[] = [PLACE]) {
  const values = new Map<string, unknown>(lots.map((lot) => [lotKey(lot.gtin, lot.lot), lot]));
  for (const gln of places) values.set(`places/${gln}`, { gln, registeredBy: 'association' });
  return { get: (key: string) => values.get(key) as never };
}

const names = (lots: readonly Lot[]) => lots.map((l) => l.lot);

describe('the lineage of a lot', () => {
  it('goes back through every input, once, oldest first', () => {
    const x = lotOf('X', 30, ['B', 'C']);
    const lots = [lotOf('A', 10), lotOf('B', 20, ['A']), lotOf('C', 21, ['A']), x];
    const lineage = lineageOf(stateOf(lots), x, 99);
    expect(names(lineage.lots)).toEqual(['A', 'B', 'C', 'X']);
    expect(lineage.truncated).toBe(false);
    // A lay until the last of it was used; the scanned lot until the given end.
    expect(lineage.stays.map((s) => [s.from_ms, s.to_ms])).toEqual([
      [10, 21],
      [20, 30],
      [21, 30],
      [30, 99],
    ]);
  });

  it('puts inputs first and the scanned lot last where all times are equal', () => {
    const x = lotOf('X', 5, ['B']);
    const lots = [x, lotOf('B', 5, ['A']), lotOf('A', 5)];
    expect(names(lineageOf(stateOf(lots), x, 5).lots)).toEqual(['A', 'B', 'X']);
  });

  it('never gives a stay a negative length', () => {
    const x = lotOf('X', 50);
    expect(lineageOf(stateOf([x]), x, 10).stays[0]).toMatchObject({ from_ms: 50, to_ms: 50 });
  });

  it('is not shown in part: a missing ancestor or place is an error', () => {
    const x = lotOf('X', 5, ['B']);
    expect(codeOf(() => lineageOf(stateOf([x]), x, 5))).toBe('lots/missing-ancestor');
    const alone = lotOf('X', 5);
    expect(codeOf(() => lineageOf(stateOf([alone], []), alone, 5))).toBe('places/missing');
  });

  it('stops at 64 lots and says so', () => {
    const chain = Array.from({ length: 80 }, (_, i) =>
      lotOf(`L${i}`, i, i === 0 ? [] : [`L${i - 1}`]),
    );
    const lineage = lineageOf(stateOf(chain), chain[79] as Lot, 99);
    expect(lineage.lots).toHaveLength(BUNDLE_LOTS_MAX);
    expect(lineage.truncated).toBe(true);
    expect(lineage.lots.at(-1)?.lot).toBe('L79');
  });

  it('does not blow up where every lot has every earlier one as input', () => {
    const dense = Array.from({ length: 60 }, (_, i) =>
      lotOf(
        `L${i}`,
        i,
        Array.from({ length: i }, (_, j) => `L${j}`),
      ),
    );
    const lineage = lineageOf(stateOf(dense), dense[59] as Lot, 99);
    expect(lineage.lots).toHaveLength(60);
    expect(lineage.truncated).toBe(false);
  });

  it('ends in a circle, which rules cannot make', () => {
    const [a, b] = [lotOf('A', 1, ['B']), lotOf('B', 1, ['A'])];
    expect(names(lineageOf(stateOf([a, b]), a, 2).lots)).toEqual(['B', 'A']);
  });

  it('names the keys that show it, each once, ascending', () => {
    const x = lotOf('X/1', 30, ['A']);
    const state = stateOf([x, lotOf('A', 1)]);
    const keys = evidenceKeys(state, { gtin: GTIN, lot: 'X/1' }, 9, lineageOf(state, x, 99));
    expect(keys).toEqual([
      'accounts/association',
      'accounts/coop',
      `document-list/lots/${GTIN}/X%2F1`,
      `document-list/products/${GTIN}`,
      `lots/${GTIN}/A`,
      `lots/${GTIN}/X%2F1`,
      'open-recalls',
      `places/${PLACE}`,
      `products/${GTIN}`,
    ]);
  });
});
