// A silo of paddy: grain insulates, so the middle follows the seasons weeks late; fans run on cool dry nights.

import { localHour, weatherAt } from './climate.ts';
import { seepedAir } from './indoors.ts';
import { clamp, DAY_MS, HOUR_MS, smoothNoise } from './noise.ts';
import { airOf, createProbe, lithiumCell_mV } from './probe.ts';
import type { Sensor, SensorOptions } from './types.ts';

export function createSiloSensor(options: SensorOptions): Sensor {
  return createProbe(
    {
      kind: 'silo',
      air: (time_ms, { local, climate }) => {
        const core = seepedAir(climate, time_ms, 26 * DAY_MS);
        const wall = seepedAir(climate, time_ms, 30 * HOUR_MS);
        const open = weatherAt(climate, time_ms);
        const cool = clamp((core.temp_C - open.temp_C - 2) / 8, 0, 1);
        const dry = clamp((open.temp_C - open.dewPoint_C - 1.5) / 4, 0, 1);
        const fan = cool * dry * nightShare(localHour(time_ms));
        const temp_C = 0.86 * core.temp_C + 0.14 * wall.temp_C + 1.1 - 0.6 * fan;
        // Between grains of about 13 % moisture the air settles near two thirds of saturation, a little higher when warm.
        const humidity_pct =
          64.5 +
          0.18 * (temp_C - 22) -
          2.4 * fan +
          0.8 * smoothNoise(local, 94, time_ms, 2.5 * DAY_MS);
        return airOf(temp_C, humidity_pct);
      },
      battery: lithiumCell_mV,
    },
    options,
  );
}

/** 1 in the small hours, 0 by day, with soft edges, as fans are started and stopped by hand. */
function nightShare(hour: number): number {
  const fromMidnight = hour > 12 ? hour - 24 : hour;
  return clamp((7 - Math.abs(fromMidnight - 1.5)) / 2.5, 0, 1);
}
