// From the true air of a place to what a chip reports: its small noise, its resolution, its range, its battery.

import type { Quantity } from '@suyuan/contracts';
import { seedOf } from '../random/random.ts';
import { dewPoint_C, relativeHumidity_pct } from './humidity.ts';
import type { Air } from './indoors.ts';
import { clamp, DAY_MS, MINUTE_MS, smoothNoise } from './noise.ts';
import type { Sensor, SensorOptions, SensorReading } from './types.ts';

/** A probe prints hundredths, as the common humidity chips do. */
const RESOLUTION_MILLI = 10;

export interface ProbeModel {
  readonly kind: string;
  /** The air at the probe. Seeds are already numbers: `local` for the place, `climate` for its weather. */
  air(time_ms: number, seeds: Seeds): Air;
  /** Millivolts before noise. */
  battery(time_ms: number, air: Air, seeds: Seeds): number;
  /** Grams on the place's scale, when it has one. Never rises. */
  mass?(time_ms: number, seeds: Seeds): number;
}

export interface Seeds {
  readonly local: number;
  readonly climate: number;
}

/** A sensor of temperature, humidity and battery, and of mass when the model has a scale. */
export function createProbe(model: ProbeModel, options: SensorOptions): Sensor {
  const seeds = {
    local: seedOf(`${model.kind}/${options.seed}`),
    climate: seedOf(options.climateSeed ?? 'xinhui'),
  };
  const quantities: Quantity[] = ['temperature', 'humidity'];
  if (model.mass !== undefined) quantities.push('mass');
  quantities.push('battery');
  return {
    kind: model.kind,
    quantities,
    read: (time_ms) => {
      const air = model.air(time_ms, seeds);
      const { temp_milliC, humidity_milli } = probeAir(air, seeds.local, time_ms);
      const readings: SensorReading[] = [
        { quantity: 'temperature', time_ms, value: temp_milliC },
        { quantity: 'humidity', time_ms, value: humidity_milli },
      ];
      if (model.mass !== undefined) {
        readings.push({ quantity: 'mass', time_ms, value: model.mass(time_ms, seeds) });
      }
      const ripple_mV = 4 * smoothNoise(seeds.local, 82, time_ms, 7 * MINUTE_MS);
      const battery_mV = Math.round(model.battery(time_ms, air, seeds) + ripple_mV);
      readings.push({ quantity: 'battery', time_ms, value: battery_mV });
      return readings;
    },
  };
}

function probeAir(air: Air, seed: number, time_ms: number) {
  const temp_C = air.temp_C + 0.06 * smoothNoise(seed, 80, time_ms, 11 * MINUTE_MS);
  const noise_pct = 0.35 * smoothNoise(seed, 81, time_ms, 13 * MINUTE_MS);
  const humidity_pct = clamp(relativeHumidity_pct(temp_C, air.dewPoint_C) + noise_pct, 0, 100);
  return { temp_milliC: quantise(temp_C), humidity_milli: quantise(humidity_pct) };
}

function quantise(value: number): number {
  return Math.round((value * 1000) / RESOLUTION_MILLI) * RESOLUTION_MILLI;
}

/** Air at `temp_C` with `humidity_pct`: for rooms that are held at a humidity. */
export function airOf(temp_C: number, humidity_pct: number): Air {
  return { temp_C, dewPoint_C: dewPoint_C(temp_C, clamp(humidity_pct, 1, 100)) };
}

const CELL_LIFE_MS = 5 * 365 * DAY_MS;

/** A lithium cell: flat for years, weaker in the cold, replaced every five years on a date the seed picks. */
export function lithiumCell_mV(time_ms: number, air: Air, seeds: Seeds): number {
  const age = (((time_ms / CELL_LIFE_MS + (seeds.local % 997) / 997) % 1) + 1) % 1;
  return 3640 - 90 * age - 420 * age ** 8 + 1.6 * (air.temp_C - 25);
}

/** A panel and a lithium-ion cell: charged by the sun, drained by night. */
export function solarCell_mV(sun: number, hour: number): number {
  const drained = hour < 8 ? (hour + 6) / 14 : hour > 18 ? (hour - 18) / 14 : 0;
  return 3990 + 150 * sun ** 0.6 - 110 * drained;
}
