// What several outputs of one transformation may be together (docs/formats.md §5, *policy*).

import { describe, expect, it } from 'vitest';
import type { CborObject } from '../../encoding/types.ts';
import { checkDigit } from '../../gs1/check-digit.ts';
import type { RuleBench } from '../../testing/rule-bench.ts';
import { createTrade, FRUIT, harvestOf, PEEL, PLOT_1 } from '../../testing/trade.ts';
import { quotaWrite } from '../quotas/quota.ts';
import { yieldLimitOf } from './yield-limit.ts';

function withFruit(amount = 1_000_000): RuleBench {
  const bench = createTrade();
  bench.must('grower-1', 'lots.harvest', harvestOf('F', amount));
  return bench;
}

/** Peels 1,000,000 g of fruit. */
function peel(bench: RuleBench, outputs: CborObject[]): string {
  return bench.run('grower-1', 'lots.transform', {
    inputs: [{ gtin: FRUIT, lot: 'F', amount: 1_000_000 }],
    outputs,
    place: PLOT_1,
    process: 'peel',
  });
}

/** Two more products out of fruit, under one policy. */
function gradesOfPeel(bench: RuleBench, first: CborObject, second = first): string[] {
  const gtins = ['0690123450022', '0690123450023'].map(
    (digits) => `${digits}${checkDigit(digits)}`,
  );
  const name = { zh: 'grade', en: 'grade' };
  bench.must('association', 'policies.adopt', {
    policy: 'grades',
    version: 1,
    title: name,
    from: bench.height + 2,
    sources: [{ topic: 'test', source: 'test' }],
    yields: gtins.map((to, i) => ({
      process: 'peel',
      from: FRUIT,
      to,
      min_ppm: i === 0 ? 20_000 : 10_000,
      max_ppm: i === 0 ? 60_000 : 30_000,
    })),
  });
  gtins.forEach((gtin, i) => {
    bench.must('association', 'products.register', {
      gtin,
      name,
      category: 'food',
      regime: 'gi',
      mark: 'xh',
      unit: 'g',
      policy: 'grades',
      ...(i === 0 ? first : second),
    });
  });
  return gtins;
}

describe('fruit whose seasons were mixed', () => {
  it('is held to the poorest season of the step, and no fruit gains by losing its season', () => {
    const bench = withFruit(500_000);
    const { time_ms } = bench;
    const year = { gln: PLOT_1, gtin: FRUIT, season: '2024' };
    bench.put(
      quotaWrite({
        ...year,
        from: 0,
        to: time_ms + 86_400_000,
        granted: 500_000,
        drawn: 0,
        by: 'association',
        tx: new Uint8Array(32),
      }),
    );
    bench.must('grower-1', 'lots.harvest', { ...harvestOf('F4', 500_000), season: '2024' });
    const inputs = ['F', 'F4'].map((lot) => ({ lot, amount: 500_000 }));
    bench.must('grower-1', 'lots.merge', { gtin: FRUIT, inputs, lot: 'M' });
    // 5 % of 2025 by its entry, 6 % of any other year: of both together 5 %.
    const out = (amount: number) =>
      bench.run('grower-1', 'lots.transform', {
        inputs: [{ gtin: FRUIT, lot: 'M', amount: 1_000_000 }],
        outputs: [{ gtin: PEEL, lot: 'P', amount }],
        place: PLOT_1,
        process: 'peel',
      });
    expect(out(50_001)).toBe('lots/over-yield');
    expect(out(50_000)).toBe('');
  });

  it('takes the least of each limit, whichever entry it stands in', () => {
    const step = { process: 'peel', from: FRUIT, to: PEEL };
    const yields = [
      { ...step, min_ppm: 30, max_ppm: 40 },
      { ...step, min_ppm: 10, max_ppm: 90, season: '2024' },
      { ...step, min_ppm: 20, max_ppm: 35, season: '2025' },
      { ...step, process: 'dry', min_ppm: 1, max_ppm: 1 },
    ];
    expect(yieldLimitOf(yields, { ...step, season: undefined })).toEqual({
      min_ppm: 10,
      max_ppm: 35,
    });
    expect(yieldLimitOf(yields, { ...step, season: '2024' })).toMatchObject({ max_ppm: 90 });
    expect(yieldLimitOf(yields, { ...step, season: '2023' })).toMatchObject({ max_ppm: 40 });
    expect(yieldLimitOf(yields.slice(1), { ...step, season: '2023' })).toBeUndefined();
    expect(yieldLimitOf([], { ...step, season: undefined })).toBeUndefined();
  });
});

describe('several outputs', () => {
  it('give grades of one family one yield between them, exactly', () => {
    const bench = withFruit();
    const grades = gradesOfPeel(bench, { family: 'chenpi' });
    const out = (one: number, two: number) => {
      const outputs = [
        { gtin: grades[0] ?? '', lot: 'G1', amount: one },
        { gtin: grades[1] ?? '', lot: 'G2', amount: two },
      ];
      return peel(bench, outputs);
    };
    // At most 6 % of the one or 3 % of the other, at least 2 % or 1 %.
    expect(out(60_000, 30_000)).toBe('lots/over-yield');
    expect(out(30_000, 15_001)).toBe('lots/over-yield');
    expect(out(30_001, 15_000)).toBe('lots/over-yield');
    expect(out(10_000, 4_999)).toBe('lots/under-yield');
    expect(out(9_999, 5_000)).toBe('lots/under-yield');
    expect(out(30_000, 15_000)).toBe('');
  });

  it('give what has no family one yield by mark and policy, and a by-product its own', () => {
    const bench = withFruit(2_000_000);
    const [a = '', b = ''] = gradesOfPeel(bench, {});
    const step = (outputs: CborObject[]) => peel(bench, outputs);
    const outputs = [
      { gtin: a, lot: 'G1', amount: 40_000 },
      { gtin: b, lot: 'G2', amount: 20_000 },
    ];
    expect(step(outputs)).toBe('lots/over-yield');
    const bench2 = withFruit();
    const [c = '', byProduct = ''] = gradesOfPeel(bench2, {}, { family: 'seeds' });
    expect(
      peel(bench2, [
        { gtin: c, lot: 'G1', amount: 60_000 },
        { gtin: byProduct, lot: 'G2', amount: 30_000 },
      ]),
    ).toBe('');
  });

  it('count what passes unchanged as so much of what went in', () => {
    const bench = withFruit();
    const outputs = [
      { gtin: FRUIT, lot: 'F2', amount: 500_000 },
      { gtin: PEEL, lot: 'P', amount: 25_001 },
    ];
    expect(peel(bench, outputs)).toBe('lots/over-yield');
    const [whole, rest] = outputs;
    const half = [whole, { ...rest, amount: 25_000 }] as CborObject[];
    expect(peel(bench, half)).toBe('');
  });
});
