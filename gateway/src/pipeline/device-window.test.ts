import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChainLink, DeviceWindow } from './device-window.ts';
import { GapList } from './gaps.ts';

const LIMITS = { windowPacks: 16, windowBoots: 3, windowGaps: 8 };

/** An id that differs by start, number and variant in its first half, as hashes do. */
function id(bootEpoch: number, seq: number, variant = 0): Uint8Array {
  const bytes = new Uint8Array(32).fill(0xee);
  bytes.set([bootEpoch, seq & 0xff, seq >> 8, variant]);
  return bytes;
}

function link(bootEpoch: number, seq: number, variant = 0): ChainLink {
  const prev = seq > 0 ? id(bootEpoch, seq - 1) : new Uint8Array(32);
  return { bootEpoch, seq, id: id(bootEpoch, seq, variant), prev };
}

describe('the replay window', () => {
  it('takes each number once, in any order, and never two packs of one number', () => {
    const numbers = fc.record({
      bootEpoch: fc.integer({ min: 1, max: 5 }),
      seq: fc.integer({ min: 0, max: 60 }),
      variant: fc.integer({ min: 0, max: 1 }),
    });
    fc.assert(
      fc.property(fc.array(numbers, { maxLength: 200 }), (arrivals) => {
        const window = new DeviceWindow(LIMITS);
        const taken = new Map<string, number>();
        for (const { bootEpoch, seq, variant } of arrivals) {
          const key = `${bootEpoch}/${seq}`;
          const verdict = window.classify(link(bootEpoch, seq, variant));
          const before = taken.get(key);
          if (verdict === 'new') {
            expect(before).toBeUndefined();
            taken.set(key, variant);
            window.accept(link(bootEpoch, seq, variant));
          }
          if (verdict === 'duplicate') expect(before).toBe(variant);
          if (verdict === 'equivocation') expect(before).toBe(1 - variant);
        }
        for (const boot of window.boots) {
          const came = [...taken.keys()].filter((key) => key.startsWith(`${boot.bootEpoch}/`));
          expect(boot.next - boot.gaps.missing).toBe(came.length);
        }
      }),
    );
  });

  it('never forgets a number within its window', () => {
    const window = new DeviceWindow(LIMITS);
    for (let seq = 0; seq < 100; seq += 1) window.accept(link(1, seq));
    for (let seq = 84; seq < 100; seq += 1) {
      expect(window.classify(link(1, seq))).toBe('duplicate');
      expect(window.classify(link(1, seq, 1))).toBe('equivocation');
    }
    expect(window.classify(link(1, 83))).toBe('too-old');
  });

  it('takes a missing number however late it comes', () => {
    const window = new DeviceWindow(LIMITS);
    window.accept(link(1, 0));
    window.accept(link(1, 3));
    for (let seq = 4; seq < 100; seq += 1) window.accept(link(1, seq));
    expect(window.missing()).toBe(2);
    expect(window.classify(link(1, 2))).toBe('new');
    window.accept(link(1, 2));
    expect(window.gaps()).toEqual([{ boot: 1, from: 1, to: 1 }]);
    expect(window.classify(link(1, 2))).toBe('too-old');
  });

  it('refuses starts that it has forgotten', () => {
    const window = new DeviceWindow(LIMITS);
    for (const boot of [2, 5, 6, 7]) window.accept(link(boot, 0));
    expect(window.boots.map((boot) => boot.bootEpoch)).toEqual([5, 6, 7]);
    expect(window.classify(link(2, 1))).toBe('too-old');
    expect(window.classify(link(4, 0))).toBe('too-old');
    expect(window.classify(link(6, 1))).toBe('new');
  });

  it('notices a pack that does not follow the one before or after', () => {
    const window = new DeviceWindow(LIMITS);
    expect(window.accept(link(1, 0))).toBe(false);
    expect(window.accept({ ...link(1, 1), prev: id(9, 9) })).toBe(true);
    expect(window.accept(link(1, 3))).toBe(false);
    expect(window.accept({ ...link(1, 2, 1), prev: id(1, 1) })).toBe(true);
  });

  it('follows the chain from one start to the next', () => {
    const window = new DeviceWindow(LIMITS);
    window.accept(link(1, 0));
    window.accept(link(1, 1));
    expect(window.accept({ ...link(2, 0), prev: id(1, 2) })).toBe(false);
    // The end of start 1 is missing, and is found when it comes.
    expect(window.gaps()).toEqual([{ boot: 1, from: 2, to: null }]);
    expect(window.missing()).toBe(1);
    window.accept(link(1, 2));
    expect(window.gaps()).toEqual([]);
    // A start that continues an older pack, or nothing, contradicts what is known.
    expect(window.accept({ ...link(3, 0), prev: new Uint8Array(32) })).toBe(true);
    const forked = new DeviceWindow(LIMITS);
    forked.accept(link(1, 0));
    forked.accept(link(1, 1));
    expect(forked.accept({ ...link(2, 0), prev: id(1, 0) })).toBe(true);
  });

  it('bounds its gaps and counts those that it gave up', () => {
    const gaps = new GapList(2);
    gaps.open(0, 9);
    gaps.open(20, 20);
    gaps.open(30, 31);
    expect(gaps.ranges).toHaveLength(2);
    expect(gaps.forgotten).toBe(10);
    expect(gaps.missing).toBe(13);
    expect(gaps.has(5)).toBe(false);
  });
});
