import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addScan, agedRecord, historyOf, type Scan, type ScanRecord } from './record.ts';
import { createVisitors } from './visitor.ts';

const LIMITS = {
  days: 3,
  tokens: 4,
  perAddress: 2,
  areas: 2,
  scansPerDay: 6,
  retentionDays: 10,
} as const as unknown as Parameters<typeof addScan>[2];

const token = (address: number, browser = 0) =>
  `${String(address).padStart(8, '0')}${String(browser).padStart(8, '0')}`;
const of = (...scans: Scan[]) =>
  scans.reduce<ScanRecord | undefined>((before, scan) => addScan(before, scan, LIMITS), undefined);

describe('a record of scans', () => {
  it('counts a visitor once a day, and again on the next', () => {
    const one = { token: token(1) };
    expect(historyOf(of({ day: 1, ...one }, { day: 1, ...one }, { day: 2, ...one }))).toMatchObject(
      {
        scans: 3,
        visitors: 2,
        firstDay: '1970-01-02',
        lastDay: '1970-01-03',
        days: [
          { day: '1970-01-02', scans: 2, visitors: 1 },
          { day: '1970-01-03', scans: 1, visitors: 1 },
        ],
      },
    );
  });

  it('takes one address that changes its browser for a few visitors at most', () => {
    const scans = [0, 1, 2, 3, 4].map((browser) => ({ day: 1, token: token(1, browser) }));
    expect(historyOf(of(...scans))).toMatchObject({ scans: 5, visitors: 2 });
  });

  it('adds an area that is chosen later to the same scan, once', () => {
    const first = { day: 1, token: token(1) };
    const history = historyOf(
      of(first, { ...first, chosen: '三江镇' }, { ...first, chosen: '会城' }),
    );
    expect(history).toMatchObject({ visitors: 1, areas: { network: 0, chosen: 1 } });
    expect(history.scans).toBe(2);
  });

  it('keeps areas apart by who told them, each name once', () => {
    const record = of(
      { day: 1, token: token(1), network: 'Jiangmen', chosen: '会城' },
      { day: 1, token: token(2), network: 'Jiangmen', chosen: '三江镇' },
      { day: 1, token: token(3), chosen: 'A third' },
    );
    expect(historyOf(record).areas).toEqual({ network: 1, chosen: 2 });
  });

  it('drops tokens with their day, and the record with its time', () => {
    const record = of({ day: 5, token: token(1) })!;
    expect(agedRecord(record, 5, LIMITS)).toBe(record);
    expect(agedRecord(record, 6, LIMITS)).toEqual({ ...record, tokens: [] });
    expect(agedRecord(record, 15, LIMITS)).toBeDefined();
    expect(agedRecord(record, 16, LIMITS)).toBeUndefined();
  });

  it('never grows past its limits, loses no scan but those of a full day, and holds days in order', () => {
    const scan = fc.record({
      day: fc.nat(8),
      token: fc.tuple(fc.nat(5), fc.nat(3)).map(([a, b]) => token(a, b)),
      network: fc.constantFrom('A', 'B', 'C', undefined),
      chosen: fc.constantFrom('A', 'B', 'C', undefined),
    });
    fc.assert(
      fc.property(fc.array(scan, { minLength: 1, maxLength: 60 }), (scans) => {
        const record = of(...scans)!;
        expect(record.days.length).toBeLessThanOrEqual(3);
        expect(record.tokens.length).toBeLessThanOrEqual(4);
        expect(record.areas.network.length).toBeLessThanOrEqual(2);
        expect(record.areas.chosen.length).toBeLessThanOrEqual(2);
        const days = record.days.map(([day]) => day);
        expect(days).toEqual([...new Set(days)].sort((a, b) => a - b));
        const history = historyOf(record);
        expect(history.scans).toBeLessThanOrEqual(scans.length);
        expect(history.visitors).toBeLessThanOrEqual(history.scans);
        expect(history.days.every((day) => day.scans <= 6)).toBe(true);
      }),
    );
  });
});

it('one customer of IPv6 is one address, whatever of his numbers he takes', () => {
  const visitors = createVisitors(() => new Uint8Array(32));
  const halves = (...ips: string[]) =>
    new Set(ips.map((ip) => visitors.token(1, ip, 'browser').slice(0, 8)));
  expect(halves('2001:db8:1:1::1', '2001:db8:1:1:ffff::2').size).toBe(1);
  expect(halves('2001:db8:1:1::1', '2001:db8:1:2::1', '192.0.2.1').size).toBe(3);
});
