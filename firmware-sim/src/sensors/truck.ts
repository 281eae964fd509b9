// A chilled truck for fresh melons: a set point, the compressor's saw, a defrost every six hours, doors at stops.

import { AppError } from '@suyuan/contracts';
import { weatherAt } from './climate.ts';
import { doorMix, mixAir } from './indoors.ts';
import { HOUR_MS, MINUTE_MS, smoothNoise } from './noise.ts';
import { airOf, createProbe, lithiumCell_mV } from './probe.ts';
import type { Sensor, SensorOptions } from './types.ts';

export interface TruckOptions extends SensorOptions {
  readonly setPoint_C?: number;
  /** Local hours of the delivery round, when doors open. */
  readonly round?: readonly (readonly [from: number, to: number])[];
  /** Moments when the cooling fails and the box drifts to the weather until it is repaired. */
  readonly breakdowns?: readonly { readonly from_ms: number; readonly to_ms: number }[];
}

const DEFROST_EVERY_MS = 6 * HOUR_MS;
const BREAKDOWNS_MAX = 64;

/** Throws `sensor/bad-option` for a set point out of range or too many breakdowns. */
export function createTruckSensor(options: TruckOptions): Sensor {
  const set_C = options.setPoint_C ?? 4.5;
  const round = options.round ?? [[3, 11]];
  const breakdowns = options.breakdowns ?? [];
  if (!(set_C >= -30 && set_C <= 30) || breakdowns.length > BREAKDOWNS_MAX) {
    throw new AppError(
      'sensor/bad-option',
      `give setPoint_C in -30..30 and at most ${BREAKDOWNS_MAX} breakdowns`,
    );
  }
  return createProbe(
    {
      kind: 'truck',
      air: (time_ms, { local, climate }) => {
        const phase = (time_ms / (14 * MINUTE_MS)) % 1;
        const saw_C = phase < 0.6 ? 0.7 - (1.4 * phase) / 0.6 : -0.7 + (1.4 * (phase - 0.6)) / 0.4;
        const defrost_C = 2.1 * bump(time_ms % DEFROST_EVERY_MS, 12 * MINUTE_MS, 20 * MINUTE_MS);
        const box = airOf(
          set_C + saw_C + defrost_C + 0.3 * smoothNoise(local, 95, time_ms, 2 * HOUR_MS),
          87 - 4 * saw_C + 3 * smoothNoise(local, 96, time_ms, 90 * MINUTE_MS),
        );
        const doors = {
          seed: local,
          hours: round,
          chance: 0.55,
          longest_ms: 7 * MINUTE_MS,
          recover_ms: 9 * MINUTE_MS,
        };
        let warm = 0.42 * doorMix(doors, time_ms);
        for (const { from_ms, to_ms } of breakdowns) {
          const lost = 0.95 * bump(time_ms - from_ms, to_ms - from_ms, 40 * MINUTE_MS);
          warm = 1 - (1 - warm) * (1 - lost);
        }
        return mixAir(box, weatherAt(climate, time_ms), warm);
      },
      battery: lithiumCell_mV,
    },
    options,
  );
}

/** Rises from 0 towards 1 for `length_ms`, then decays with `recover_ms`. */
function bump(since_ms: number, length_ms: number, recover_ms: number): number {
  if (since_ms <= 0) return 0;
  const risen = 1 - Math.exp(-Math.min(since_ms, length_ms) / recover_ms);
  return since_ms <= length_ms ? risen : risen * Math.exp(-(since_ms - length_ms) / recover_ms);
}
