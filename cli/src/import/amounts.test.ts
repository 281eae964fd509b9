import { AMOUNT_MAX } from '@suyuan/contracts';
import type { Cell } from '@suyuan/paper';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellAmount, unitInHeader, unitOf } from './amounts.ts';

const cell = (text: string): Cell => ({ kind: 'text', text });
const GRAMS = { g: 1n, kg: 1000n, liang: 50n, jin: 500n, t: 1_000_000n, count: 1n } as const;

describe('weights', () => {
  it.each([
    ['g', '12', 12],
    ['克', '１２', 12],
    ['公斤', '0.001', 1],
    ['kg', '1,250.5', 1_250_500],
    ['斤', '0.002', 1],
    ['市斤', '3.5', 1750],
    ['两', '0.02', 1],
    ['吨', '0.000001', 1],
    ['t', '12.5', 12_500_000],
    ['件', '7', 7],
  ])('in %s: %s', (unit, text, amount) => {
    expect(cellAmount(cell(text), unitOf(unit)!)).toBe(amount);
  });

  it.each([
    ['g', '0.5'],
    ['jin', '0.001'],
    ['liang', '0.01'],
    ['kg', '0.0001'],
    ['g', '-1'],
    ['kg', '1e3'],
    ['g', '9223372036854775808'],
    ['t', '1000001'],
    ['count', '1.5'],
    ['kg', '=1+1'],
  ])('that are no whole grams are refused: %s %s', (unit, text) => {
    expect(() => cellAmount(cell(text), unitOf(unit)!)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^(table|import)\/bad-/) }),
    );
  });

  it('are exact for every unit, or refused', () => {
    const names = fc.constantFrom(...(Object.keys(GRAMS) as (keyof typeof GRAMS)[]));
    const digits = fc.tuple(fc.nat({ max: 2_000_000_000 }), fc.nat({ max: 8 }));
    fc.assert(
      fc.property(names, digits, (name, [size, places]) => {
        const padded = String(size).padStart(places + 1, '0');
        const at = padded.length - places;
        const text = places === 0 ? padded : `${padded.slice(0, at)}.${padded.slice(at)}`;
        const top = BigInt(size) * GRAMS[name];
        const den = 10n ** BigInt(places);
        const whole = top % den === 0n && top / den <= BigInt(AMOUNT_MAX);
        const read = () => cellAmount(cell(text), unitOf(name)!);
        if (whole) expect(read()).toBe(Number(top / den));
        else expect(read).toThrow(expect.objectContaining({ code: expect.any(String) }));
      }),
    );
  });

  it('have a unit in the header, or none is guessed', () => {
    expect(unitInHeader('净重（公斤）')?.name).toBe('kg');
    expect(unitInHeader('Net weight [jin]')?.name).toBe('jin');
    expect(unitInHeader('重量(湿, 斤)')?.name).toBe('jin');
    expect(unitInHeader('净重')).toBeUndefined();
    expect(unitInHeader('重量(约)')).toBeUndefined();
  });
});
