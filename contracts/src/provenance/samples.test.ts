import { describe, expect, it } from 'vitest';
import type { PackedBatch } from './bundle.ts';
import { distinctSamples } from './distinct-samples.ts';
import type { VerifiedPack } from './proven-packs.ts';
import { pickSamples, samplePath, slotFinder } from './samples.ts';
import type { VerifiedStatement } from './stated.ts';
import type { Stay } from './stays.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const PLACE = '6901234500202';
const STAY_TO_MS = 400 * DAY_MS;
const STAY = { place: { gln: PLACE }, from_ms: 0, to_ms: STAY_TO_MS } as unknown as Stay;

/** Hours of a day as [from, to). */
type Hours = readonly (readonly [from: number, to: number])[];

function stated(
  id: string,
  days: Readonly<Record<number, Hours>>,
  place = PLACE,
): VerifiedStatement {
  const device = { id, assignments: [{ place, from: 0 }] };
  return {
    gateway: 'gw',
    quantity: 'humidity',
    device,
    days: Object.entries(days).map(([day, hours]) => ({
      from_ms: Number(day) * DAY_MS,
      slot_s: 3600,
      covered: hours.map(([from, to]) => ({
        from_ms: Number(day) * DAY_MS + from * HOUR_MS,
        to_ms: Number(day) * DAY_MS + to * HOUR_MS,
      })),
    })),
  } as unknown as VerifiedStatement;
}

const shown = (id: string, time_ms: number) =>
  ({
    gateway: 'gw',
    device: { id },
    readings: [{ quantity: 'humidity', time_ms }],
  }) as unknown as VerifiedPack;
const state = { get: (key: string) => (key === 'anchors/gw' ? ({ size: 7 } as never) : undefined) };

/** Numerical Recipes' generator: the test needs the same picks each time. */
function generator(seed = 1) {
  let value = seed;
  return () => {
    value = (Math.imul(value, 1_664_525) + 1_013_904_223) >>> 0;
    return value;
  };
}

const pick = (
  s: VerifiedStatement[],
  have: VerifiedPack[] = [],
  random = generator(),
  stays = [STAY],
) => pickSamples(state, s, stays, have, random);

describe('samples', () => {
  it('are sixteen distinct stated slots', () => {
    const picks = pick([
      stated('d1', {
        1: [
          [3, 9],
          [12, 24],
        ],
        2: [[0, 5]],
      }),
    ]);
    expect(picks).toHaveLength(16);
    expect(new Set(picks.map((p) => p.from_ms)).size).toBe(16);
    for (const p of picks) {
      expect(p).toMatchObject({ gateway: 'gw', device: 'd1', quantity: 'humidity', logSize: 7 });
      expect(p.to_ms - p.from_ms).toBe(HOUR_MS);
      const [day, hour] = [Math.floor(p.from_ms / DAY_MS), (p.from_ms % DAY_MS) / HOUR_MS];
      const covered = day === 1 ? (hour >= 3 && hour < 9) || hour >= 12 : day === 2 && hour < 5;
      expect(covered).toBe(true);
    }
  });

  it('fall on each part of the stated time in proportion to its length', () => {
    const counts = new Map<string, number>();
    const random = generator(7);
    const days = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [i, [[0, 24]] as Hours]));
    const short = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [i, [[0, 24]] as Hours]));
    const two = [stated('d1', days), stated('d2', short)];
    for (let i = 0; i < 500; i += 1)
      for (const p of pick(two, [], random)) counts.set(p.device, (counts.get(p.device) ?? 0) + 1);
    const share = (counts.get('d1') ?? 0) / (500 * 16);
    expect(share).toBeGreaterThan(0.72);
    expect(share).toBeLessThan(0.78);
  });

  it('find a stretch that was stated and never measured, in proportion to its length', () => {
    // Seventeen of twenty days are invented: nearly every pick asks for what nobody can show.
    const days = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [i, [[0, 24]] as Hours]));
    const picks = pick([stated('d1', days)]);
    expect(picks.filter((p) => p.from_ms >= 3 * DAY_MS).length).toBeGreaterThanOrEqual(11);
  });

  it('leave out what is shown as packs already', () => {
    const have = [0, 1, 2].map((hour) => shown('d1', hour * HOUR_MS + 60_000));
    const picks = pick([stated('d1', { 0: [[0, 5]] })], have);
    expect(picks.map((p) => p.from_ms / HOUR_MS).sort()).toEqual([3, 4]);
    expect(pick([stated('d1', { 0: [[0, 3]] })], have)).toEqual([]);
  });

  it('stay within the stays, in whole slots, at their places', () => {
    const stay = { ...STAY, from_ms: 2.5 * HOUR_MS, to_ms: 5.5 * HOUR_MS };
    const picks = pick([stated('d1', { 0: [[0, 24]] })], [], generator(), [stay]);
    expect(picks.map((p) => p.from_ms / HOUR_MS).sort()).toEqual([3, 4]);
    expect(pick([stated('d1', { 0: [[0, 24]] }, '6901234500301')])).toEqual([]);
  });

  it('are none where nothing is stated or the gateway has anchored nothing', () => {
    expect(pick([])).toEqual([]);
    expect(
      pickSamples(
        { get: () => undefined },
        [stated('d1', { 0: [[0, 24]] })],
        [STAY],
        [],
        generator(),
      ),
    ).toEqual([]);
  });
});

describe('slotFinder', () => {
  const p = {
    gateway: 'gw',
    device: 'd1',
    quantity: 'humidity',
    from_ms: 1000,
    to_ms: 2000,
    logSize: 7,
  };
  it('takes a reading of the device and quantity within the slot, its start included and its end not', () => {
    expect(slotFinder([shown('d1', 1000)])(p)).toBe(true);
    expect(slotFinder([shown('d1', 2000)])(p)).toBe(false);
    expect(slotFinder([shown('d2', 1500)])(p)).toBe(false);
    expect(slotFinder([shown('d1', 1500)])({ ...p, quantity: 'temperature' })).toBe(false);
    expect(slotFinder([shown('d1', 1500)])({ ...p, gateway: 'other' })).toBe(false);
  });
});

describe('distinctSamples', () => {
  const batch = (anchor: number, ...indexes: number[]): PackedBatch => ({
    gateway: 'gw',
    anchor: new Uint8Array([anchor]),
    proof: [],
    packs: indexes.map((index) => ({ index, pack: new Uint8Array([index]), proof: [] })),
  });
  it('keeps each pack once, whichever picks it answered', () => {
    const made = distinctSamples([batch(1, 4), batch(2, 4), batch(1, 4), batch(1, 5)]);
    expect(made.map((b) => [b.anchor[0], b.packs.map((q) => q.index)])).toEqual([
      [1, [4, 5]],
      [2, [4]],
    ]);
  });
});

it('samplePath names the slot, the log and the gateway, escaped', () => {
  const path = samplePath({
    gateway: 'gw.a',
    device: '952-x',
    quantity: 'humidity',
    from_ms: 5,
    to_ms: 9,
    logSize: 80,
  });
  expect(path).toBe('/api/v1/proofs/readings/952-x/humidity?from=5&to=9&logSize=80&gateway=gw.a');
});
