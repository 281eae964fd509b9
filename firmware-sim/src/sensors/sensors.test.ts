import { isQuantity, QUANTITIES, type Quantity } from '@suyuan/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSensor, isSensorKind, SENSOR_KINDS, type SensorKind } from './index.ts';
import { DAY_MS, HOUR_MS } from './noise.ts';
import { createTruckSensor } from './truck.ts';
import type { Sensor } from './types.ts';
import { createWarehouseSensor } from './warehouse.ts';
import { createYardSensor } from './yard.ts';

const YEAR_START_MS = Date.UTC(2024, 0, 1);
const anyTime = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2060, 0, 1) });
const anyKind = fc.constantFrom<SensorKind>(...SENSOR_KINDS);

function shown(sensor: Sensor, quantity: Quantity, time_ms: number): number {
  const found = sensor.read(time_ms).find((reading) => reading.quantity === quantity);
  if (found === undefined) throw new Error(`no ${quantity}`);
  return found.value;
}

function series(sensor: Sensor, quantity: Quantity, from_ms: number, hours: number): number[] {
  return Array.from({ length: hours }, (_, hour) =>
    shown(sensor, quantity, from_ms + hour * HOUR_MS),
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe('every kind of sensor', () => {
  test('gives integers within the physical limits, for the quantities it names', () => {
    fc.assert(
      fc.property(anyKind, fc.string(), anyTime, (kind, seed, time_ms) => {
        const sensor = createSensor(kind, { seed, start_ms: YEAR_START_MS });
        const readings = sensor.read(time_ms);
        expect(readings.map(({ quantity }) => quantity)).toEqual(sensor.quantities);
        for (const { quantity, value, time_ms: own_ms } of readings) {
          expect(isQuantity(quantity) && Number.isSafeInteger(value)).toBe(true);
          expect(value).toBeGreaterThanOrEqual(QUANTITIES[quantity].min);
          expect(value).toBeLessThanOrEqual(QUANTITIES[quantity].max);
          expect(own_ms).toBe(time_ms);
        }
      }),
    );
  });

  test('is a function of time and seed: order and repetition change nothing', () => {
    fc.assert(
      fc.property(anyKind, fc.nat(), fc.array(anyTime, { maxLength: 6 }), (kind, seed, times) => {
        const options = { seed, start_ms: YEAR_START_MS };
        const sensor = createSensor(kind, options);
        const forwards = times.map((time_ms) => sensor.read(time_ms));
        const fresh = createSensor(kind, options);
        const backwards = times.toReversed().map((time_ms) => fresh.read(time_ms));
        expect(backwards.toReversed()).toEqual(forwards);
      }),
    );
  });

  test('differs from place to place and shares the weather', () => {
    const here = series(createSensor('orchard', { seed: 'a' }), 'temperature', YEAR_START_MS, 48);
    const there = series(createSensor('orchard', { seed: 'b' }), 'temperature', YEAR_START_MS, 48);
    expect(here).not.toEqual(there);
    here.forEach((value, hour) => {
      expect(Math.abs(value - (there[hour] ?? 0))).toBeLessThan(300);
    });
  });
});

describe('the places', () => {
  test('an orchard has warm wet summers, mild dry winters, and humidity that falls by day', () => {
    const orchard = createSensor('orchard', { seed: 1 });
    const january = series(orchard, 'temperature', Date.UTC(2024, 0, 1), 31 * 24);
    const july = series(orchard, 'temperature', Date.UTC(2024, 6, 1), 31 * 24);
    expect(mean(january)).toBeGreaterThan(10_000);
    expect(mean(january)).toBeLessThan(18_000);
    expect(mean(july)).toBeGreaterThan(26_000);
    expect(Math.max(...july)).toBeLessThan(40_000);
    const dry = mean(series(orchard, 'humidity', Date.UTC(2024, 11, 1), 31 * 24));
    expect(dry).toBeLessThan(mean(series(orchard, 'humidity', Date.UTC(2024, 5, 1), 30 * 24)));
    // 07:00 and 15:00 by the clock of UTC+8, over a month.
    const days = Array.from({ length: 30 }, (_, day) => Date.UTC(2024, 9, day + 1));
    const at = (hour: number) =>
      mean(days.map((day_ms) => shown(orchard, 'humidity', day_ms + (hour - 8) * HOUR_MS)));
    expect(at(7) - at(15)).toBeGreaterThan(15_000);
  });

  test('a dehumidified warehouse stays below the alarm of 70 %, one without does not', () => {
    const hours = 366 * 24;
    const kept = series(createWarehouseSensor({ seed: 1 }), 'humidity', YEAR_START_MS, hours);
    const wild = createWarehouseSensor({ seed: 1, dehumidifyAt_pct: null });
    const free = series(wild, 'humidity', YEAR_START_MS, hours);
    expect(longestAbove(kept, 70_000)).toBeLessThan(24);
    expect(longestAbove(free, 70_000)).toBeGreaterThan(24);
  });

  test('a room of forced ageing is at 40 °C and 90 %', () => {
    const room = createSensor('forced-ageing', { seed: 1 });
    for (const value of series(room, 'temperature', YEAR_START_MS, 240)) {
      expect(Math.abs(value - 40_000)).toBeLessThan(1500);
    }
    for (const value of series(room, 'humidity', YEAR_START_MS, 240)) {
      expect(Math.abs(value - 90_000)).toBeLessThan(4000);
    }
  });

  test('a silo changes slowly', () => {
    const silo = series(createSensor('silo', { seed: 1 }), 'temperature', YEAR_START_MS, 366 * 24);
    const steps = silo.slice(24).map((value, hour) => Math.abs(value - (silo[hour] ?? 0)));
    expect(Math.max(...steps)).toBeLessThan(2500);
  });

  test('a truck keeps below 8 °C but for its doors, and a breakdown shows', () => {
    const broken = { from_ms: YEAR_START_MS + 40 * HOUR_MS, to_ms: YEAR_START_MS + 46 * HOUR_MS };
    const well = createTruckSensor({ seed: 1 });
    const ill = createTruckSensor({ seed: 1, breakdowns: [broken] });
    const minutes = Array.from({ length: 7 * 24 * 20 }, (_, n) => YEAR_START_MS + n * 180_000);
    const warm = minutes.filter((time_ms) => shown(well, 'temperature', time_ms) > 8000);
    expect(warm.length / minutes.length).toBeLessThan(0.02);
    expect(shown(ill, 'temperature', broken.to_ms)).toBeGreaterThan(9000);
    const later_ms = broken.to_ms + DAY_MS;
    expect(ill.read(later_ms)).toEqual(well.read(later_ms));
  });
});

describe('mass', () => {
  test('of drying peel never rises and is below 13 % moisture within a fortnight, not in three days', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 110 }), (seed, day) => {
        const start_ms = Date.UTC(2024, 8, 1) + day * DAY_MS;
        const yard = createYardSensor({ seed, start_ms, climateSeed: seed, wet_g: 60_000 });
        const mass = series(yard, 'mass', start_ms - 2 * HOUR_MS, 14 * 24);
        expect(mass[0]).toBe(60_000);
        mass.forEach((value, hour) => {
          if (hour > 0) expect(value).toBeLessThanOrEqual(mass[hour - 1] ?? 0);
        });
        const dryAfter = mass.findIndex((value) => value < 15_000 / 0.87) / 24;
        expect(dryAfter).toBeGreaterThan(3);
        expect(dryAfter).toBeLessThan(13);
      }),
      { numRuns: 20 },
    );
  });

  test('of an ageing bag falls by its yearly loss, at most 3 % by default', () => {
    const bag = { mass_g: 20_000, since_ms: YEAR_START_MS };
    const store = createWarehouseSensor({ seed: 1, bag });
    const after = shown(store, 'mass', YEAR_START_MS + 365.25 * DAY_MS);
    expect(after).toBe(19_680);
    expect(shown(store, 'mass', YEAR_START_MS - DAY_MS)).toBe(20_000);
  });
});

test('refuses options that are none', () => {
  const bad = [
    () => createYardSensor({ seed: 1, start_ms: 0, wet_g: 0 }),
    () => createYardSensor({ seed: 1, start_ms: 0, moisture_pct: 5 }),
    () => createWarehouseSensor({ seed: 1, dehumidifyAt_pct: 120 }),
    () => createWarehouseSensor({ seed: 1, bag: { mass_g: -1, since_ms: 0 } }),
    () => createTruckSensor({ seed: 1, setPoint_C: Number.NaN }),
  ];
  for (const make of bad) {
    expect(make).toThrow(expect.objectContaining({ code: 'sensor/bad-option' }));
  }
  expect(isSensorKind('orchard')).toBe(true);
  expect(isSensorKind('toString')).toBe(false);
  expect(() => createSensor('attic' as SensorKind, { seed: 1 })).toThrow(
    expect.objectContaining({ code: 'sensor/unknown-kind' }),
  );
});

function longestAbove(values: readonly number[], limit: number): number {
  let longest = 0;
  let run = 0;
  for (const value of values) {
    run = value > limit ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}
