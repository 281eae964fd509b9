import { describe, expect, it } from 'vitest';
import type { CborObject } from '../../encoding/types.ts';
import type { RuleBench } from '../../testing/rule-bench.ts';
import {
  consentTo,
  createTrade,
  FRUIT,
  lotOf,
  MILL,
  purchaseOf,
  SHOP,
  TEA,
} from '../../testing/trade.ts';
import { getCase } from './case.ts';

/** mill-1 claims tea of grower-1, who never signed for it. */
function claimed(): RuleBench {
  const bench = createTrade();
  bench.must('mill-1', 'lots.purchase', { ...purchaseOf('T', 500), gtin: TEA });
  return bench;
}

function refute(bench: RuleBench, signer: string, change: CborObject = {}): string {
  const refuted = { case: 'C1', gtin: TEA, lot: 'T', reason: 'not from my plot', ...change };
  return bench.run(signer, 'cases.refute', refuted);
}

const decide = (bench: RuleBench, signer: string, outcome: string, id = 'C1') =>
  bench.run(signer, 'cases.decide', { case: id, outcome, decision: 'seen' });

describe('a refuted origin', () => {
  it('is refuted by the grower that it names, once at a time', () => {
    const bench = claimed();
    expect(refute(bench, 'grower-2')).toBe('cases/not-the-grower');
    expect(refute(bench, 'grower-1', { lot: 'none' })).toBe('lots/unknown');
    expect(refute(bench, 'grower-1')).toBe('');
    expect(lotOf(bench, TEA, 'T').case).toBe('C1');
    expect(refute(bench, 'grower-1', { case: 'C2' })).toBe('cases/disputed');
  });

  it('is not refuted where the grower signed', () => {
    const bench = createTrade();
    const consent = consentTo(bench, 700);
    bench.must('mill-1', 'lots.purchase', { ...purchaseOf('A', 700), consent });
    expect(refute(bench, 'grower-1', { gtin: FRUIT, lot: 'A' })).toBe('cases/consented');
  });

  it('is decided by a regulator, once; dismissed, the lot is clear again', () => {
    const bench = claimed();
    refute(bench, 'grower-1');
    expect(decide(bench, 'grower-1', 'upheld')).toBe('rules/role-needed');
    expect(decide(bench, 'regulator', 'upheld', 'C9')).toBe('cases/unknown');
    expect(decide(bench, 'regulator', 'perhaps')).toBe('rules/bad-payload');
    expect(decide(bench, 'regulator', 'dismissed')).toBe('');
    expect(lotOf(bench, TEA, 'T')).not.toHaveProperty('case');
    expect(decide(bench, 'regulator', 'upheld')).toBe('cases/decided');
    expect(refute(bench, 'grower-1')).toBe('cases/exists');
  });

  it('that is upheld stays with the lot', () => {
    const bench = claimed();
    refute(bench, 'grower-1');
    expect(decide(bench, 'regulator', 'upheld')).toBe('');
    expect(lotOf(bench, TEA, 'T').case).toBe('C1');
    expect(getCase(bench.state, 'C1')).toMatchObject({
      status: 'upheld',
      decidedBy: 'regulator',
      decision: 'seen',
    });
  });

  it('that is upheld stops the lot: no labels, no delivery, no other lots; it can be destroyed', () => {
    const bench = claimed();
    const tea = { gtin: TEA, lot: 'T' };
    const items = [{ ...tea, amount: 500 }];
    const outputs = [{ gtin: TEA, lot: 'U', amount: 500 }];
    const labels = { ...tea, batch: 'L', root: new Uint8Array(32), count: 1, net: 1 };
    const tries = (fork: RuleBench) => {
      const on = (action: string, payload: CborObject) =>
        fork.fork().run('mill-1', action, payload);
      return [
        on('labels.issue', labels),
        on('custody.ship', { shipment: 'S', to: 'shop', place: SHOP, items }),
        on('lots.transform', { inputs: items, outputs, place: MILL, process: 'clean' }),
        on('lots.split', { ...tea, outputs: [{ lot: 'V', amount: 1 }] }),
        on('lots.destroy', { ...tea, amount: 500, reason: 'false origin' }),
      ];
    };
    refute(bench, 'grower-1');
    expect(tries(bench)).toEqual(['', '', '', '', '']);
    decide(bench, 'regulator', 'upheld');
    const no = 'cases/refuted';
    expect(tries(bench)).toEqual([no, no, no, no, '']);
  });
});
