import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeScans, type Reveals, SCAN_SIGNALS, type ScanHistory } from './scan-history.ts';

const HIDDEN: Reveals = { revealedAt_ms: null, again: 0 };

/** All visitors on one day unless told how many days. */
function history(visitors: number, areas = 0, days = 1): ScanHistory {
  const perDay = Math.ceil(visitors / days);
  return {
    scans: visitors,
    visitors,
    firstDay: visitors === 0 ? null : '2026-01-01',
    lastDay: visitors === 0 ? null : '2026-01-01',
    days: Array.from({ length: visitors === 0 ? 0 : days }, () => ({
      day: '2026-01-01',
      scans: perDay,
      visitors: perDay,
    })),
    earlier: { days: 0, scans: 0, visitors: 0 },
    areas: { network: areas, chosen: 0 },
  };
}

const kinds = (h: ScanHistory, r: Reveals = HIDDEN) => judgeScans(h, r).reasons.map((x) => x.kind);

describe('judging scans', () => {
  it.each([
    [0, 0, 'none'],
    [1, 1, 'none'],
    [2, 1, 'few'],
    [9, 2, 'few'],
    [10, 1, 'unusual'],
    [4, 3, 'unusual'],
    [400, 1, 'unusual'],
    [99, 12, 'unusual'],
    [400, 4, 'unusual'],
    [100, 5, 'strong-sign'],
    [400, 12, 'strong-sign'],
  ])('%i visitors in %i areas are: %s', (visitors, areas, signal) => {
    expect(judgeScans(history(visitors, areas), HIDDEN).signal).toBe(signal);
  });

  it('a second scan is no fraud, and the reason says only that others looked', () => {
    expect(judgeScans(history(2, 1), HIDDEN)).toEqual({
      signal: 'few',
      reasons: [{ kind: 'scanned-before', count: 2 }],
    });
  });

  it('counts no busy day where twenty visitors came over twenty days', () => {
    expect(kinds(history(20, 1, 20))).toEqual(['many-visitors']);
    expect(kinds(history(19, 1, 19))).toEqual(['scanned-before']);
  });

  it('says that areas were chosen by people, and not when the network told them', () => {
    const chosen = { ...history(400), areas: { network: 4, chosen: 12 } };
    expect(kinds(chosen)).toContain('areas-chosen');
    expect(judgeScans(chosen, HIDDEN).signal).toBe('unusual');
    const told = { ...history(100), areas: { network: 5, chosen: 2 } };
    expect(kinds(told)).not.toContain('areas-chosen');
    expect(judgeScans(told, HIDDEN).signal).toBe('strong-sign');
  });

  it('a revealed code revealed again proves a copy, whatever the scans', () => {
    const once: Reveals = { revealedAt_ms: 1, again: 0 };
    expect(judgeScans(history(1), once)).toEqual({
      signal: 'none',
      reasons: [{ kind: 'revealed-once', count: 1 }],
    });
    expect(judgeScans(history(0), { revealedAt_ms: 1, again: 1 })).toEqual({
      signal: 'copy-proven',
      reasons: [{ kind: 'revealed-again', count: 1 }],
    });
    // Nothing was revealed before: there is nothing to be revealed again.
    expect(judgeScans(history(1), { revealedAt_ms: null, again: 3 }).signal).toBe('none');
  });

  it('never falls when visitors, areas or reveals grow', () => {
    const count = fc.nat(600);
    fc.assert(
      fc.property(
        count,
        count,
        fc.nat(20),
        fc.nat(20),
        fc.nat(2),
        (a, more, areas, wider, again) => {
          const rank = (h: ScanHistory, r: Reveals) =>
            SCAN_SIGNALS.indexOf(judgeScans(h, r).signal);
          const before = rank(history(a, areas), HIDDEN);
          const after = rank(history(a + more, areas + wider), { revealedAt_ms: 1, again });
          expect(after).toBeGreaterThanOrEqual(before);
        },
      ),
    );
  });

  it('takes nonsense from a server for nothing', () => {
    for (const bad of [Number.NaN, -5, 1.5, Number.POSITIVE_INFINITY, '9' as unknown as number]) {
      const h = { ...history(0), visitors: bad, areas: { network: bad, chosen: bad } };
      expect(judgeScans(h, { revealedAt_ms: 1, again: bad }).signal).toBe('none');
    }
  });
});
