import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Turns } from './turns.ts';

describe('Turns', () => {
  it('gives each key its turn and keeps the order within a key', () => {
    const turns = new Turns<string>();
    for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'c2']) turns.push(item.charAt(0), item);
    expect(turns.sizeOf('a')).toBe(3);
    const out = Array.from({ length: 6 }, () => turns.shift());
    expect(out).toEqual(['a1', 'b1', 'c1', 'a2', 'c2', 'a3']);
    expect([turns.shift(), turns.size, turns.sizeOf('a')]).toEqual([undefined, 0, 0]);
  });

  it('loses nothing and doubles nothing, and nobody waits for more than one turn of each other', () => {
    const keys = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 60 });
    fc.assert(
      fc.property(keys, (names) => {
        const turns = new Turns<{ key: string; at: number }>();
        for (const [at, key] of names.entries()) turns.push(key, { key, at });
        const distinct = new Set(names).size;
        const out = [];
        for (let item = turns.shift(); item !== undefined; item = turns.shift()) out.push(item);
        expect(out.map(({ at }) => at).sort((a, b) => a - b)).toEqual([...names.keys()]);
        for (const key of new Set(names)) {
          const first = out.findIndex((item) => item.key === key);
          expect(first).toBeLessThan(distinct);
          const own = out.filter((item) => item.key === key).map(({ at }) => at);
          expect(own).toEqual([...own].sort((a, b) => a - b));
        }
      }),
    );
  });

  it('gives up all that waits', () => {
    const turns = new Turns<number>();
    turns.push('a', 1);
    turns.push('b', 2);
    expect(turns.clear().sort()).toEqual([1, 2]);
    expect([turns.size, turns.shift()]).toEqual([0, undefined]);
  });
});
