import { describe, expect, it } from 'vitest';
import type { VerifiedPack } from './proven-packs.ts';
import { pickSamples } from './samples.ts';
import type { VerifiedStatement } from './stated.ts';

type Span = readonly [boot: number, first: number, last: number];

function stated(device: string, spans: readonly Span[], gateway = 'gw'): VerifiedStatement {
  const packs = spans.map(([bootEpoch, firstSeq, lastSeq]) => ({
    bootEpoch,
    firstSeq,
    lastSeq,
    count: lastSeq - firstSeq + 1,
  }));
  return { gateway, device: { id: device }, packs } as unknown as VerifiedStatement;
}

const shown = (device: string, bootEpoch: number, seq: number) =>
  ({ device: { id: device }, bootEpoch, seq }) as unknown as VerifiedPack;
const state = { get: (key: string) => (key === 'anchors/gw' ? ({ size: 7 } as never) : undefined) };

/** Numerical Recipes' generator: the test needs the same picks each time. */
function generator(seed = 1) {
  let value = seed;
  return () => {
    value = (Math.imul(value, 1_664_525) + 1_013_904_223) >>> 0;
    return value;
  };
}

const pick = (s: VerifiedStatement[], have: VerifiedPack[] = [], random = generator()) =>
  pickSamples(state, s, have, random);

describe('samples', () => {
  it('are sixteen distinct packs of the stated spans', () => {
    const picks = pick([stated('d1', [[1, 100, 199]]), stated('d2', [[4, 0, 9]])]);
    expect(picks).toHaveLength(16);
    expect(new Set(picks.map((p) => `${p.device}/${p.seq}`)).size).toBe(16);
    for (const p of picks) {
      expect(p).toMatchObject({ gateway: 'gw', logSize: 7 });
      const [low, high] = p.device === 'd1' ? [100, 199] : [0, 9];
      expect(p.seq).toBeGreaterThanOrEqual(low);
      expect(p.seq).toBeLessThanOrEqual(high);
    }
  });

  it('are as likely from every part of the spans', () => {
    const counts = new Map<string, number>();
    const random = generator(7);
    const two = [stated('d1', [[1, 0, 299]]), stated('d2', [[1, 0, 99]])];
    for (let i = 0; i < 500; i += 1)
      for (const p of pick(two, [], random)) counts.set(p.device, (counts.get(p.device) ?? 0) + 1);
    const share = (counts.get('d1') ?? 0) / (500 * 16);
    expect(share).toBeGreaterThan(0.72);
    expect(share).toBeLessThan(0.78);
  });

  it('count what months and quantities state twice only once', () => {
    const spans: Span[] = [[1, 0, 9]];
    const picks = pick([stated('d1', spans), stated('d1', [[1, 5, 15]]), stated('d1', spans)]);
    expect(picks.map((p) => p.seq).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 16 }, (_, i) => i),
    );
  });

  it('leave out what is shown already, and end where nothing is left', () => {
    const have = [0, 1, 2].map((seq) => shown('d1', 1, seq));
    expect(pick([stated('d1', [[1, 0, 2]])], have)).toEqual([]);
    expect(pick([stated('d1', [[1, 0, 3]])], have).map((p) => p.seq)).toEqual([3]);
    expect(pick([])).toEqual([]);
  });

  it('are not asked of a gateway without a log', () => {
    expect(pick([stated('d1', [[1, 0, 99]], 'other')])).toEqual([]);
  });

  it('do not hang on absurd spans', () => {
    const absurd = stated('d1', [
      [0, 0, Number.MAX_SAFE_INTEGER],
      [1, 0, Number.MAX_SAFE_INTEGER],
    ]);
    for (const p of pick([absurd])) expect(Number.isSafeInteger(p.seq)).toBe(true);
  });
});
