import { describe, expect, it } from 'vitest';
import {
  ageBand,
  coverageOf,
  evidenceOfStay,
  meanOf,
  presence,
  seriesOf,
  timeIn_ms,
} from './coverage.ts';
import type { VerifiedPack } from './proven-packs.ts';
import type { VerifiedStatement } from './stated.ts';
import type { Stay } from './stays.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const PLACE = '6901234500202';
const stay = { place: { gln: PLACE }, from_ms: 0, to_ms: 10 * DAY } as unknown as Stay;

type Move = { place: string; from: number; to?: number };
function deviceOf(assignments: Move[] = [{ place: PLACE, from: 0 }], quantities = ['temperature']) {
  return { id: 'ROOM-1', interval_s: 3600, quantities, assignments };
}

function packOf(
  hours: number[],
  options: { late?: boolean; quantity?: string; device?: object } = {},
) {
  const { late = false, quantity = 'temperature', device = deviceOf() } = options;
  const readings = hours.map((h) => ({ quantity, time_ms: h * HOUR, value: h, late }));
  return { gateway: 'gw', device, readings } as unknown as VerifiedPack;
}

function statedOf(
  day: number,
  covered: [number, number][],
  quantity = 'temperature',
  gateway = 'gw',
) {
  const from_ms = day * DAY;
  const report = {
    from_ms,
    to_ms: from_ms + DAY,
    covered: covered.map(([a, b]) => ({ from_ms: from_ms + a * HOUR, to_ms: from_ms + b * HOUR })),
    count: 2,
    min: 1,
    max: 4,
    sum: 5,
    late: 0,
  };
  return {
    gateway,
    device: deviceOf(),
    quantity,
    month: '1970-01',
    packs: [],
    days: [report],
  } as unknown as VerifiedStatement;
}

const bandOf = (packs: VerifiedPack[], statements: VerifiedStatement[] = [], s = stay) =>
  ageBand(s, coverageOf(evidenceOfStay(s, packs, statements))).map((i) => [
    i.state,
    i.from_ms / HOUR,
    i.to_ms / HOUR,
  ]);

describe('a reading', () => {
  it('speaks for one and a half of its interval', () => {
    expect(bandOf([packOf([10, 11, 14])])).toEqual([
      ['unrecorded', 0, 10],
      ['proven', 10, 12.5],
      ['gap', 12.5, 14],
      ['proven', 14, 15.5],
      ['gap', 15.5, 240],
    ]);
  });

  it('speaks no longer than its device stood there', () => {
    const device = deviceOf([
      { place: PLACE, from: 0, to: 11 * HOUR },
      { place: '6901234500103', from: 11 * HOUR },
    ]);
    expect(bandOf([packOf([10, 11], { device })])).toEqual([
      ['unrecorded', 0, 10],
      ['proven', 10, 11],
      ['gap', 11, 240],
    ]);
  });

  it('of another place or time says nothing', () => {
    const device = deviceOf([{ place: '6901234500103', from: 0 }]);
    expect(bandOf([packOf([10], { device })])).toEqual([['unrecorded', 0, 240]]);
    expect(bandOf([packOf([-1, 240, 300])])).toEqual([['unrecorded', 0, 240]]);
  });

  it('that is late is attested, not proven', () => {
    expect(bandOf([packOf([10], { late: true })])).toEqual([
      ['unrecorded', 0, 10],
      ['attested', 10, 11.5],
      ['gap', 11.5, 240],
    ]);
  });

  it('of a device registered for both quantities does not stand for both', () => {
    const device = deviceOf(undefined, ['temperature', 'humidity']);
    expect(bandOf([packOf([10], { device })])).toEqual([['unrecorded', 0, 240]]);
    const humidity = packOf([10.5], { device, quantity: 'humidity' });
    expect(bandOf([packOf([10], { device }), humidity])).toEqual([
      ['unrecorded', 0, 10.5],
      ['proven', 10.5, 11.5],
      ['gap', 11.5, 240],
    ]);
  });

  it('of mass or battery is no record of ageing', () => {
    expect(bandOf([packOf([10], { quantity: 'mass' })])).toEqual([['unrecorded', 0, 240]]);
  });
});

describe('a stated day', () => {
  it('covers its slots where no reading is proven', () => {
    expect(
      bandOf(
        [packOf([30])],
        [
          statedOf(1, [
            [0, 12],
            [18, 24],
          ]),
        ],
      ),
    ).toEqual([
      ['unrecorded', 0, 24],
      ['attested', 24, 30],
      ['proven', 30, 31.5],
      ['attested', 31.5, 36],
      ['gap', 36, 42],
      ['attested', 42, 48],
      ['gap', 48, 240],
    ]);
  });

  it('counts only within the stay', () => {
    const short = { ...stay, from_ms: 30 * HOUR, to_ms: 40 * HOUR };
    expect(bandOf([], [statedOf(1, [[0, 24]])], short)).toEqual([['attested', 30, 40]]);
  });
});

describe('the band', () => {
  it('is ascending, whole and adds up', () => {
    const band = ageBand(
      stay,
      coverageOf(evidenceOfStay(stay, [packOf([30, 80])], [statedOf(1, [[3, 20]])])),
    );
    expect(band[0]?.from_ms).toBe(stay.from_ms);
    expect(band.at(-1)?.to_ms).toBe(stay.to_ms);
    for (let i = 1; i < band.length; i += 1) expect(band[i]?.from_ms).toBe(band[i - 1]?.to_ms);
    expect(timeIn_ms(band, 'proven', 'attested', 'gap', 'unrecorded')).toBe(10 * DAY);
  });

  it('of a stay without length is empty', () => {
    expect(bandOf([packOf([0])], [], { ...stay, to_ms: 0 })).toEqual([]);
  });
});

describe('a series', () => {
  const pointsOf = (packs: VerifiedPack[], statements: VerifiedStatement[]) =>
    seriesOf(PLACE, evidenceOfStay(stay, packs, statements)).map((s) => [
      s.quantity,
      ...s.points.map((p) => [p.grade, p.from_ms / HOUR, p.to_ms / HOUR, p.mean]),
    ]);

  it('cuts a reading where the next begins and puts stated days where there is none', () => {
    expect(pointsOf([packOf([31, 30])], [statedOf(1, [[0, 12]])])).toEqual([
      [
        'temperature',
        ['attested', 24, 30, 3],
        ['proven', 30, 31, 30],
        ['proven', 31, 32.5, 31],
        ['attested', 32.5, 36, 3],
      ],
    ]);
  });

  it('stays disjoint where two gateways state the same day', () => {
    const two = [statedOf(1, [[0, 12]]), statedOf(1, [[6, 24]], 'temperature', 'gw2')];
    expect(pointsOf([], two)).toEqual([
      ['temperature', ['attested', 24, 36, 3], ['attested', 36, 48, 3]],
    ]);
  });

  it('has integer means without a negative zero', () => {
    expect([meanOf(5, 2), meanOf(-5, 2), meanOf(-1, 3), meanOf(7, 3)]).toEqual([3, -2, 0, 2]);
  });
});

describe('presence', () => {
  it('joins assignments that touch and ends with the stay', () => {
    const device = deviceOf([
      { place: PLACE, from: 5, to: 9 },
      { place: PLACE, from: 9, to: 12 },
      { place: 'elsewhere', from: 12, to: 15 },
      { place: PLACE, from: 15 },
    ]);
    expect(presence(device as never, PLACE, 20)).toEqual([
      { from_ms: 5, to_ms: 12 },
      { from_ms: 15, to_ms: 20 },
    ]);
  });
});
