import { describe, expect, it } from 'vitest';
import type { LabelBatch } from '../rules/labels/label.ts';
import type { Lot } from '../rules/lots/lot.ts';
import { codeOf } from '../testing/hostile.ts';
import { scannedStays, staysOf } from './stays.ts';

const KINDS: Record<string, string> = { room: 'warehouse', van: 'vehicle', shop: 'shop' };

function stateOf(shipments: Record<string, object> = {}) {
  const values = new Map<string, unknown>(Object.entries(shipments));
  for (const [gln, kind] of Object.entries(KINDS)) values.set(`places/${gln}`, { gln, kind });
  return { get: (key: string) => values.get(key) as never };
}

const move = (place: string, from: number, holder = 'coop') => ({ place, holder, from });
const lotOf = (moves: readonly ReturnType<typeof move>[], transit?: string) =>
  ({
    maker: 'coop',
    place: 'room',
    since: 10,
    moves,
    ...(transit === undefined ? {} : { transit }),
  }) as unknown as Lot;
const batchOf = (moves: readonly ReturnType<typeof move>[], transit?: string) =>
  ({
    issuedAt: 50,
    moves,
    ...(transit === undefined ? {} : { transit }),
  }) as unknown as LabelBatch;
const told = (stays: ReturnType<typeof staysOf>) =>
  stays.map((s) => [s.place.gln, s.from_ms, s.to_ms]);

describe('the stays of a lot', () => {
  it('follow its moves until it was used', () => {
    const lot = lotOf([move('van', 20), move('shop', 30)]);
    expect(told(staysOf(stateOf(), lot, 40))).toEqual([
      ['room', 10, 20],
      ['van', 20, 30],
      ['shop', 30, 40],
    ]);
    expect(told(staysOf(stateOf(), lot, 25))).toEqual([
      ['room', 10, 20],
      ['van', 20, 25],
    ]);
    expect(told(staysOf(stateOf(), lot, 5))).toEqual([['room', 10, 10]]);
  });

  it('need every place', () => {
    expect(codeOf(() => staysOf(stateOf(), lotOf([move('nowhere', 20)]), 40))).toBe(
      'places/missing',
    );
  });

  it('on the road end with the departure, unless the vehicle is known', () => {
    const state = stateOf({ s: { shippedAt: 60 }, v: { shippedAt: 60, via: 'van' } });
    expect(told(scannedStays(state, lotOf([], 's'), 99, undefined))).toEqual([['room', 10, 60]]);
    const loaded = lotOf([move('van', 60)], 'v');
    expect(told(scannedStays(state, loaded, 99, undefined))).toEqual([
      ['room', 10, 60],
      ['van', 60, 99],
    ]);
    // A shipment that is not shown takes the evidence of the last leg away.
    expect(told(scannedStays(state, lotOf([], 'hidden'), 99, undefined))).toEqual([
      ['room', 10, 10],
    ]);
  });
});

describe('the stays of packs', () => {
  it('end with the issue of their labels while nothing moved them', () => {
    expect(told(scannedStays(stateOf(), lotOf([move('van', 70)]), 99, batchOf([])))).toEqual([
      ['room', 10, 50],
    ]);
  });

  it('go on with the moves of the batch, not of the bulk, and leave the shop out', () => {
    const batch = batchOf([move('van', 60), move('shop', 80, 'seller'), move('room', 90)]);
    expect(told(scannedStays(stateOf(), lotOf([move('shop', 70)]), 99, batch))).toEqual([
      ['room', 10, 60],
      ['van', 60, 80],
      ['room', 90, 99],
    ]);
  });

  it('on the road without a known vehicle lay in the room until they were shipped', () => {
    const state = stateOf({ s: { shippedAt: 60 } });
    expect(told(scannedStays(state, lotOf([]), 99, batchOf([], 's')))).toEqual([['room', 10, 60]]);
    expect(told(scannedStays(stateOf(), lotOf([]), 99, batchOf([], 's')))).toEqual([
      ['room', 10, 50],
    ]);
  });
});
