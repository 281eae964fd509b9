// Places under the sky: an orchard of tea-branch mandarins, a paddy.

import { localHour, weatherAt } from './climate.ts';
import { HOUR_MS } from './noise.ts';
import { createProbe, solarCell_mV } from './probe.ts';
import type { Sensor, SensorOptions } from './types.ts';

/** Under the canopy: a little cooler by day and damper than the open field. */
export function createOrchardSensor(options: SensorOptions): Sensor {
  return createProbe(
    {
      kind: 'orchard',
      air: (time_ms, { climate }) => {
        const open = weatherAt(climate, time_ms);
        const temp_C = open.temp_C - 0.7 * open.sun;
        return { temp_C, dewPoint_C: Math.min(open.dewPoint_C + 0.5 * open.sun, temp_C - 0.2) };
      },
      battery: (time_ms, _air, { climate }) =>
        solarCell_mV(weatherAt(climate, time_ms).sun, localHour(time_ms)),
    },
    options,
  );
}

/** Over standing water: the water keeps the nights warmer, the days cooler, and feeds the air. */
export function createPaddySensor(options: SensorOptions): Sensor {
  return createProbe(
    {
      kind: 'paddy',
      air: (time_ms, { climate }) => {
        const open = weatherAt(climate, time_ms);
        const earlier = weatherAt(climate, time_ms - 5 * HOUR_MS);
        const temp_C = 0.8 * open.temp_C + 0.2 * earlier.temp_C;
        const dewPoint_C = open.dewPoint_C + 0.9 + 0.8 * open.sun;
        return { temp_C, dewPoint_C: Math.min(dewPoint_C, temp_C - 0.1) };
      },
      battery: (time_ms, _air, { climate }) =>
        solarCell_mV(weatherAt(climate, time_ms).sun, localHour(time_ms)),
    },
    options,
  );
}
