// Rooms where peel ages: one kept dry by a dehumidifier, one left to the weather, and the hot wet room of fast
// artificial ageing, whose readings are evidence against a claim of age.

import { AppError } from '@suyuan/contracts';
import { weatherAt } from './climate.ts';
import { relativeHumidity_pct } from './humidity.ts';
import { type Air, doorMix, mixAir, seepedAir, WORKING_HOURS } from './indoors.ts';
import { clamp, DAY_MS, HOUR_MS, MINUTE_MS, smoothNoise } from './noise.ts';
import { airOf, createProbe, lithiumCell_mV, type Seeds } from './probe.ts';
import type { Sensor, SensorOptions } from './types.ts';

export interface WarehouseOptions extends SensorOptions {
  /** Where the dehumidifier starts, percent; `null` for a room without one. */
  readonly dehumidifyAt_pct?: number | null;
  /** A bag on a scale: its mass when it was put there, and when. */
  readonly bag?: { readonly mass_g: number; readonly since_ms: number };
  /** Loss of mass while ageing, percent of the mass a year. */
  readonly loss_pctPerYear?: number;
}

const YEAR_MS = 365.25 * DAY_MS;

/** Throws `sensor/bad-option` for options out of range. */
export function createWarehouseSensor(options: WarehouseOptions): Sensor {
  const start_pct = options.dehumidifyAt_pct === undefined ? 60 : options.dehumidifyAt_pct;
  const loss = (options.loss_pctPerYear ?? 1.6) / 100;
  const bag = options.bag;
  if (
    (start_pct !== null && !(start_pct >= 30 && start_pct <= 90)) ||
    !(loss >= 0 && loss < 1) ||
    (bag !== undefined && !(bag.mass_g > 0 && bag.mass_g <= 100_000_000))
  ) {
    throw new AppError(
      'sensor/bad-option',
      'give dehumidifyAt_pct in 30..90 or null, loss_pctPerYear in 0..99 and a bag of 1..100000000 g',
    );
  }
  return createProbe(
    {
      kind: 'warehouse',
      air: (time_ms, seeds) => {
        const seeped = seepedAir(seeds.climate, time_ms, 20 * HOUR_MS);
        const room = start_pct === null ? seeped : dehumidified(seeped, time_ms, seeds, start_pct);
        return mixAir(room, weatherAt(seeds.climate, time_ms), 0.45 * openDoors(time_ms, seeds));
      },
      battery: lithiumCell_mV,
      ...(bag === undefined
        ? {}
        : {
            mass: (time_ms: number) => {
              const years = Math.max(0, time_ms - bag.since_ms) / YEAR_MS;
              return Math.round(bag.mass_g * (1 - loss) ** years);
            },
          }),
    },
    options,
  );
}

/** The machine holds most of the excess back and leaves a saw of its cycles; dry weather it leaves alone. */
function dehumidified(room: Air, time_ms: number, { local }: Seeds, start_pct: number): Air {
  // Work, lamps and the machine itself keep the room somewhat warmer than the seeping air.
  const temp_C = room.temp_C + 0.9;
  const free_pct = relativeHumidity_pct(temp_C, room.dewPoint_C);
  const excess_pct = free_pct - start_pct;
  const cycle_ms = (38 + 9 * smoothNoise(local, 90, time_ms, 3 * DAY_MS)) * MINUTE_MS;
  const saw = ((time_ms / cycle_ms) % 1) - 0.5;
  const on = clamp(excess_pct / 4, 0, 1);
  const humidity_pct =
    free_pct -
    on * (0.86 * excess_pct - 1.8 * Math.abs(saw)) +
    1.2 * smoothNoise(local, 91, time_ms, 9 * HOUR_MS);
  return airOf(temp_C, humidity_pct);
}

function openDoors(time_ms: number, { local }: Seeds): number {
  return doorMix(
    {
      seed: local,
      hours: WORKING_HOURS,
      chance: 0.22,
      longest_ms: 18 * MINUTE_MS,
      recover_ms: 30 * MINUTE_MS,
    },
    time_ms,
  );
}

/** A room held at about 40 °C and 90 % relative humidity. */
export function createForcedAgeingSensor(options: SensorOptions): Sensor {
  return createProbe(
    {
      kind: 'forced-ageing',
      air: (time_ms, { local }) => {
        const heater = (time_ms / (17 * MINUTE_MS)) % 1 < 0.5 ? 0.5 : -0.5;
        return airOf(
          40 + heater + 0.6 * smoothNoise(local, 92, time_ms, 5 * HOUR_MS),
          90 + 2.5 * smoothNoise(local, 93, time_ms, 2 * HOUR_MS),
        );
      },
      battery: lithiumCell_mV,
    },
    options,
  );
}
