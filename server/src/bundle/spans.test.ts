import type { Lot, Place, Stay } from '@suyuan/contracts';
import { describe, expect, it } from 'vitest';
import { clip, watchedSpans } from './spans.ts';

function stay(gln: string, from_ms: number, to_ms: number): Stay {
  return { place: { gln } as Place, lot: {} as Lot, holder: '', from_ms, to_ms };
}

function watch(
  devices: Record<string, readonly { place: string; from: number; to?: number }[]>,
  stays: readonly Stay[],
) {
  const state = {
    get: (key: string) => {
      const id = key.slice('devices/'.length);
      return { id, assignments: devices[id] ?? [] } as unknown as ReturnType<
        Parameters<typeof watchedSpans>[0]['get']
      >;
    },
  };
  const at = (gln: string) =>
    Object.keys(devices).filter((id) => devices[id]?.some((a) => a.place === gln));
  return watchedSpans(state, { at, stop: () => undefined }, stays);
}

describe('watchedSpans', () => {
  it('is the time in which device and lot were at one place', () => {
    const devices = {
      a: [
        { place: 'P', from: 5, to: 8 },
        { place: 'Q', from: 8 },
      ],
      b: [{ place: 'P', from: 0 }],
    };
    expect(watch(devices, [stay('P', 3, 10)])).toEqual([
      { device: 'a', from_ms: 5, to_ms: 8 },
      { device: 'b', from_ms: 3, to_ms: 10 },
    ]);
  });

  it('joins what touches and leaves out what is empty', () => {
    const devices = { a: [{ place: 'P', from: 0 }] };
    const stays = [
      stay('P', 5, 9),
      stay('P', 2, 5),
      stay('P', 9, 9),
      stay('Q', 0, 100),
      stay('P', 20, 30),
    ];
    expect(watch(devices, stays)).toEqual([
      { device: 'a', from_ms: 2, to_ms: 9 },
      { device: 'a', from_ms: 20, to_ms: 30 },
    ]);
  });
});

describe('clip', () => {
  it('keeps the part within and drops the rest', () => {
    const spans = [
      { device: 'a', from_ms: 0, to_ms: 10 },
      { device: 'b', from_ms: 10, to_ms: 20 },
    ];
    expect(clip(spans, 5, 10)).toEqual([{ device: 'a', from_ms: 5, to_ms: 10 }]);
  });
});
