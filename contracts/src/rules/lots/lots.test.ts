import { describe, expect, it } from 'vitest';
import type { CborObject } from '../../encoding/types.ts';
import type { RuleBench } from '../../testing/rule-bench.ts';
import {
  createTrade,
  FRUIT,
  harvestOf,
  lotOf,
  MELON,
  MILL,
  MILL_2,
  PEEL,
  PLOT_1,
  PLOT_2,
  QUOTA_G,
  SEED,
  TEA,
} from '../../testing/trade.ts';
import { getQuota } from '../quotas/quota.ts';

const DAY_MS = 86_400_000;

function withFruit(amount = 1_000_000): RuleBench {
  const bench = createTrade();
  bench.must('grower-1', 'lots.harvest', harvestOf('F', amount));
  return bench;
}

function peel(bench: RuleBench, into: string, from: number, to: number, change: CborObject = {}) {
  return bench.run('grower-1', 'lots.transform', {
    inputs: [{ gtin: FRUIT, lot: 'F', amount: from }],
    outputs: [{ gtin: PEEL, lot: into, amount: to }],
    place: PLOT_1,
    process: 'peel',
    ...change,
  });
}

describe('a harvest', () => {
  it('draws on the quota of its plot and season, and no further', () => {
    const bench = createTrade();
    expect(bench.run('grower-1', 'lots.harvest', harvestOf('A', QUOTA_G - 5))).toBe('');
    expect(getQuota(bench.state, PLOT_1, FRUIT, '2025')?.drawn).toBe(QUOTA_G - 5);
    expect(bench.run('grower-1', 'lots.harvest', harvestOf('B', 6))).toBe('quotas/exceeded');
    expect(bench.run('grower-1', 'lots.harvest', harvestOf('B', 5))).toBe('');
    expect(bench.run('grower-1', 'lots.harvest', harvestOf('C', 1))).toBe('quotas/exceeded');
  });

  it('writes a record that says all of it is there', () => {
    const bench = withFruit(500);
    const lot = lotOf(bench, FRUIT, 'F');
    expect(lot).toMatchObject({
      maker: 'grower-1',
      holder: 'grower-1',
      made: 500,
      left: 500,
      labelled: 0,
      used: 0,
      lost: 0,
      destroyed: 0,
      moves: [],
      season: '2025',
      policy: { id: 'fruit', version: 1 },
      dependents: 0,
      batches: 0,
    });
    expect([lot.born, lot.weighed]).toEqual([lot.since, lot.since]);
  });

  it.each<[string, string, CborObject, string]>([
    ['another grower', 'grower-2', {}, 'lots/not-your-plot'],
    ['somebody who grows nothing', 'mill-1', {}, 'rules/role-needed'],
    ['a plot without the mark', 'grower-2', { place: PLOT_2 }, 'lots/not-a-member'],
    ['a season that nobody granted', 'grower-1', { season: '2024' }, 'quotas/none'],
    ['what is made from fruit', 'grower-1', { gtin: PEEL }, 'lots/not-a-crop'],
    ['no grams', 'grower-1', { amount: 0 }, 'rules/bad-payload'],
    ['negative grams', 'grower-1', { amount: -5 }, 'rules/bad-payload'],
    ['more grams than any lot has', 'grower-1', { amount: 2 ** 53 - 1 }, 'rules/bad-payload'],
    ['a season of another form', 'grower-1', { season: '25' }, 'rules/bad-payload'],
    ['a time two weeks ago', 'grower-1', { time: 1_758_000_000_000 }, 'rules/bad-time'],
  ])('of %s is refused', (_, signer, change, code) => {
    const bench = createTrade();
    expect(bench.run(signer, 'lots.harvest', { ...harvestOf('A', 5), ...change })).toBe(code);
  });

  it('needs its season where there is a quota, and its number for itself', () => {
    const bench = withFruit();
    const { season: _, ...rest } = harvestOf('A', 5);
    expect(bench.run('grower-1', 'lots.harvest', rest)).toBe('lots/season-needed');
    expect(bench.run('grower-1', 'lots.harvest', harvestOf('F', 5))).toBe('lots/exists');
  });

  it('counts what is counted', () => {
    const bench = createTrade();
    const melons = { gtin: MELON, lot: 'M', place: PLOT_1, amount: 300 };
    expect(bench.run('grower-1', 'lots.harvest', melons)).toBe('');
    expect(lotOf(bench, MELON, 'M')).not.toHaveProperty('policy');
  });
});

describe('a product that names its makers', () => {
  it('is harvested, bought, made and mixed by or from them only', () => {
    const bench = createTrade();
    bench.must('association', 'products.set-makers', { gtin: TEA, makers: ['grower-1', 'mill-2'] });
    const tea = (signer: string, lot: string, place: string) =>
      bench.run(signer, 'lots.harvest', { gtin: TEA, lot, place, amount: 100 });
    expect(tea('grower-2', 'A', PLOT_2)).toBe('lots/not-a-maker');
    expect(tea('grower-1', 'A', PLOT_1)).toBe('');
    // The buyer need not make it: its maker is the grower.
    const bought = { gtin: TEA, lot: 'B', amount: 100, place: MILL, plot: PLOT_1 };
    expect(bench.run('mill-1', 'lots.purchase', { ...bought, grower: 'grower-1' })).toBe('');
    const clean = {
      inputs: [{ gtin: TEA, lot: 'B', amount: 50 }],
      outputs: [{ gtin: TEA, lot: 'C', amount: 50 }],
      place: MILL,
      process: 'clean',
    };
    expect(bench.run('mill-1', 'lots.transform', clean)).toBe('lots/not-a-maker');
    const items = [{ gtin: TEA, lot: 'A', amount: 100 }];
    bench.must('grower-1', 'custody.ship', { shipment: 'S', to: 'mill-1', place: MILL, items });
    bench.must('mill-1', 'custody.receive', { from: 'grower-1', shipment: 'S', items });
    // Its own purchase and the grower's harvest: two makers, so the mixture is the mill's.
    const mix = {
      gtin: TEA,
      inputs: [
        { lot: 'A', amount: 1 },
        { lot: 'B', amount: 1 },
      ],
      lot: 'M',
    };
    expect(bench.run('mill-1', 'lots.merge', mix)).toBe('lots/not-a-maker');
  });
});

describe('a product of a mark', () => {
  it('comes to be in no way before a policy applies to it', () => {
    const bench = withFruit();
    const gtin = '06901234500226';
    const name = { zh: 'new', en: 'new' };
    const product = { gtin, name, category: 'food', regime: 'gi', mark: 'xh', unit: 'g' };
    bench.must('association', 'products.register', product);
    const ways = () => {
      const lot = (name: string) => ({ gtin, lot: name, amount: 10 });
      const buy = { ...lot('B'), grower: 'grower-1', plot: PLOT_1, place: MILL };
      const made = { inputs: [{ gtin: FRUIT, lot: 'F', amount: 10 }], outputs: [lot('C')] };
      const old = { ...lot('D'), place: MILL, document: new Uint8Array(32) };
      return [
        bench.run('grower-1', 'lots.harvest', { ...lot('A'), place: PLOT_1 }),
        bench.run('mill-1', 'lots.purchase', buy),
        bench.run('grower-1', 'lots.transform', { ...made, place: PLOT_1, process: 'mix' }),
        bench.run('mill-1', 'lots.open-balance', old),
      ];
    };
    const none = 'lots/no-policy';
    expect(ways()).toEqual([none, none, none, none]);
    const policy = {
      policy: 'late',
      version: 1,
      title: name,
      sources: [{ topic: 't', source: 's' }],
    };
    const from = bench.height + 10;
    bench.must('association', 'policies.adopt', { ...policy, from });
    bench.must('association', 'products.set-policy', { gtin, policy: 'late' });
    expect(ways()).toEqual([none, none, none, none]);
    while (bench.height < from)
      bench.run('shop', 'accounts.set-contact', { webhook: 'https://a.example' });
    expect(ways()).toEqual(['', 'lots/consent-needed', '', 'documents/unknown']);
  });
});

describe('a transformation', () => {
  it('keeps to the yield of its policy, the season’s before the general one', () => {
    const bench = withFruit(1_000_001);
    expect(peel(bench, 'P', 1_000_001, 50_001)).toBe('lots/over-yield');
    expect(peel(bench, 'P', 1_000_001, 10_000)).toBe('lots/under-yield');
    expect(peel(bench, 'P', 1_000_001, 50_000)).toBe('');
    expect(lotOf(bench, FRUIT, 'F')).toMatchObject({ left: 0, used: 1_000_001, dependents: 1 });
    expect(lotOf(bench, PEEL, 'P')).toMatchObject({
      season: '2025',
      policy: { id: 'peel', version: 1 },
      born: lotOf(bench, FRUIT, 'F').born,
    });
    expect(bench.state.get(`dependents/${FRUIT}/F/0`)).toEqual({
      gtin: PEEL,
      lot: 'P',
      amount: 50_000,
    });
  });

  it('sums the outputs of one product, and what is left of the input is said', () => {
    const bench = withFruit();
    const two = [
      { gtin: PEEL, lot: 'P1', amount: 30_000 },
      { gtin: PEEL, lot: 'P2', amount: 20_001 },
    ];
    expect(peel(bench, '', 1_000_000, 1, { outputs: two })).toBe('lots/over-yield');
    expect(peel(bench, 'P', 1_000_001, 50_000)).toBe('lots/insufficient-mass');
  });

  it.each<[string, CborObject, string]>([
    ['a step that the policy does not have', { process: 'dry' }, 'lots/no-such-step'],
    ['a place of another', { place: MILL }, 'rules/foreign-place'],
    ['a time before the harvest', { time: 1_759_900_000_000 }, 'lots/before-input'],
    ['a process that nobody knows', { process: 'conjure' }, 'rules/bad-payload'],
    // What is no whole number of ours cannot even be written down, so it is never signed.
    ['half a gram', { inputs: [{ gtin: FRUIT, lot: 'F', amount: 1.5 }] }, 'cbor/unsupported'],
    ['2^63 grams', { inputs: [{ gtin: FRUIT, lot: 'F', amount: 2 ** 63 }] }, 'cbor/unsupported'],
  ])('by %s is refused', (_, change, code) => {
    const bench = withFruit();
    expect(peel(bench, 'P', 1000, 40, change)).toBe(code);
  });

  it('never lets anything without the mark into a product of the mark', () => {
    const bench = withFruit();
    bench.must('grower-1', 'lots.harvest', { gtin: TEA, lot: 'T', place: PLOT_1, amount: 1000 });
    const step = (inputs: CborObject[], gtin: string) =>
      bench.run('grower-1', 'lots.transform', {
        inputs,
        outputs: [{ gtin, lot: 'X', amount: 10 }],
        place: PLOT_1,
        process: 'peel',
      });
    const fruit = { gtin: FRUIT, lot: 'F', amount: 1000 };
    const tea = { gtin: TEA, lot: 'T', amount: 1 };
    expect(step([fruit, tea], PEEL)).toBe('lots/foreign-origin');
    expect(step([tea], PEEL)).toBe('lots/foreign-origin');
    expect(step([fruit, tea], TEA)).toBe('');
  });

  it('gains nothing where no policy speaks, and compares no pieces with grams', () => {
    const bench = createTrade();
    bench.must('grower-1', 'lots.harvest', { gtin: TEA, lot: 'T', place: PLOT_1, amount: 100 });
    const step = (outputs: CborObject[]) =>
      bench.run('grower-1', 'lots.transform', {
        inputs: [{ gtin: TEA, lot: 'T', amount: 100 }],
        outputs,
        place: PLOT_1,
        process: 'clean',
      });
    const seed = { gtin: SEED, lot: 'S', amount: 60 };
    const tea = { gtin: TEA, lot: 'U', amount: 41 };
    expect(step([seed, tea])).toBe('lots/mass-rises');
    expect(step([{ gtin: MELON, lot: 'M', amount: 1 }])).toBe('lots/needs-policy');
    expect(step([seed, { ...tea, amount: 40 }])).toBe('');
  });

  it('links at most 128 inputs and outputs', () => {
    const bench = createTrade();
    const list = (n: number, at: string) =>
      Array.from({ length: n }, (_, i) => ({ gtin: TEA, lot: `${at}${i}`, amount: 1 }));
    const many = { inputs: list(13, 'I'), outputs: list(10, 'O'), place: PLOT_1, process: 'mix' };
    expect(bench.run('grower-1', 'lots.transform', many)).toBe('lots/too-many-links');
  });

  it('names each lot once and only what its signer holds', () => {
    const bench = withFruit();
    const twice = [1, 2].map((amount) => ({ gtin: FRUIT, lot: 'F', amount }));
    expect(peel(bench, 'P', 1000, 40, { inputs: twice })).toBe('lots/named-twice');
    const theirs = {
      inputs: [{ gtin: FRUIT, lot: 'F', amount: 1000 }],
      outputs: [{ gtin: PEEL, lot: 'P', amount: 40 }],
      place: MILL_2,
      process: 'peel',
    };
    expect(bench.run('mill-2', 'lots.transform', theirs)).toBe('lots/not-holder');
    expect(
      peel(bench, 'P', 1000, 40, { inputs: [{ ...twice[0], lot: 'none' } as CborObject] }),
    ).toBe('lots/unknown');
  });
});

describe('a split and a merge', () => {
  it('keep mass, maker, season and age exactly', () => {
    const bench = withFruit(1000);
    bench.advance(DAY_MS);
    const split = {
      gtin: FRUIT,
      lot: 'F',
      outputs: [
        { lot: 'A', amount: 300 },
        { lot: 'B', amount: 700 },
      ],
    };
    expect(
      bench.run('grower-1', 'lots.split', { ...split, outputs: [{ lot: 'A', amount: 1001 }] }),
    ).toBe('lots/insufficient-mass');
    expect(bench.run('grower-1', 'lots.split', split)).toBe('');
    expect(lotOf(bench, FRUIT, 'F')).toMatchObject({ left: 0, used: 1000, dependents: 2 });
    const merge = {
      gtin: FRUIT,
      inputs: [
        { lot: 'A', amount: 300 },
        { lot: 'B', amount: 699 },
      ],
      lot: 'M',
    };
    expect(bench.run('grower-2', 'lots.merge', merge)).toBe('lots/not-holder');
    expect(bench.run('grower-1', 'lots.merge', merge)).toBe('');
    const merged = lotOf(bench, FRUIT, 'M');
    expect(merged).toMatchObject({ made: 999, season: '2025', maker: 'grower-1', place: PLOT_1 });
    expect(merged.born).toBe(lotOf(bench, FRUIT, 'F').born);
    expect(merged.since).toBeGreaterThan(merged.born);
    expect(lotOf(bench, FRUIT, 'B')).toMatchObject({ left: 1, used: 699 });
  });

  it('do not name a lot twice, nor one that exists', () => {
    const bench = withFruit(1000);
    const split = (outputs: CborObject[]) =>
      bench.run('grower-1', 'lots.split', { gtin: FRUIT, lot: 'F', outputs });
    expect(split([{ lot: 'F', amount: 1 }])).toBe('lots/named-twice');
    expect(
      split([
        { lot: 'A', amount: 1 },
        { lot: 'A', amount: 1 },
      ]),
    ).toBe('lots/named-twice');
    expect(split([{ lot: 'A', amount: 1 }])).toBe('');
    expect(split([{ lot: 'A', amount: 1 }])).toBe('lots/exists');
  });
});
