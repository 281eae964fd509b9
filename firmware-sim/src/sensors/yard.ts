// A drying yard: fresh peel on racks under the sun, one rack on a scale. Fresh peel comes in at about three quarters
// water and leaves after five to seven bright days below 13 %.

import { AppError } from '@suyuan/contracts';
import { localHour, weatherAt } from './climate.ts';
import { clamp, HOUR_MS } from './noise.ts';
import { createProbe, solarCell_mV } from './probe.ts';
import type { Sensor, SensorOptions } from './types.ts';

export interface YardOptions extends SensorOptions {
  /** When the fresh peel was laid out. Before it the scale shows the full wet mass. */
  readonly start_ms: number;
  readonly wet_g?: number;
  /** Water in fresh peel, in percent of its mass. */
  readonly moisture_pct?: number;
}

/** Peel that has not dried in this time is dry enough: it bounds the sum over hours. */
const DRYING_HOURS_MAX = 30 * 24;
/** Air-dry peel keeps this much water, of its final mass. */
const RESIDUAL_MOISTURE = 0.115;
/** Share of the loose water that an hour of full sun takes. */
const DRYING_RATE = 0.15;

/** Throws `sensor/bad-option` for a mass or moisture out of range. */
export function createYardSensor(options: YardOptions): Sensor {
  const wet_g = options.wet_g ?? 60_000;
  const moisture = (options.moisture_pct ?? 75) / 100;
  if (!(wet_g > 0 && wet_g <= 100_000_000) || !(moisture > RESIDUAL_MOISTURE && moisture < 1)) {
    throw new AppError(
      'sensor/bad-option',
      'give wet_g in 1..100000000 and moisture_pct in 12..99',
    );
  }
  const solid_g = wet_g * (1 - moisture);
  const loose_g = wet_g - solid_g / (1 - RESIDUAL_MOISTURE);
  // The sun of each hour since the start, summed once: the only memory of a sensor, and it changes no answer.
  const sums: number[] = [0];
  const sunSum = (climate: number, hoursIn: number): number => {
    const whole = Math.min(Math.floor(hoursIn), DRYING_HOURS_MAX);
    for (let hour = sums.length; hour <= whole; hour++) {
      sums.push((sums[hour - 1] ?? 0) + drying(climate, options.start_ms + (hour - 0.5) * HOUR_MS));
    }
    const begun = sums[whole] ?? 0;
    if (whole === DRYING_HOURS_MAX) return begun;
    const middle_ms = options.start_ms + (whole + 0.5) * HOUR_MS;
    return begun + (hoursIn - whole) * drying(climate, middle_ms);
  };
  return createProbe(
    {
      kind: 'yard',
      air: (time_ms, { climate }) => {
        const open = weatherAt(climate, time_ms);
        // Concrete under the racks stores the noon.
        const temp_C = open.temp_C + 3.2 * open.sun;
        return { temp_C, dewPoint_C: Math.min(open.dewPoint_C + 0.6 * open.sun, temp_C - 0.2) };
      },
      battery: (time_ms, _air, { climate }) =>
        solarCell_mV(weatherAt(climate, time_ms).sun, localHour(time_ms)),
      mass: (time_ms, { climate }) => {
        const hoursIn = Math.max(0, (time_ms - options.start_ms) / HOUR_MS);
        const left_g = loose_g * Math.exp(-DRYING_RATE * sunSum(climate, hoursIn));
        return Math.round(wet_g - loose_g + left_g);
      },
    },
    options,
  );
}

/** How strongly the air dries at a moment, 0..1: sun first, then dry air; nothing in rain, when the peel is covered. */
function drying(climate: number, time_ms: number): number {
  const { sun, rain, temp_C, dewPoint_C } = weatherAt(climate, time_ms);
  if (rain > 0.05) return 0;
  return clamp(0.75 * sun + 0.016 * (temp_C - dewPoint_C), 0, 1);
}
