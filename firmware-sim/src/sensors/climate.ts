// The weather of the simulator: the wet subtropics at 22.5° N where Xinhui lies. A mild, bright autumn, cold surges in
// winter, a dripping spring, hot months of afternoon storms. The monthly figures are chosen to look right on a plot;
// they come from no station and prove nothing.

import { clamp, DAY_MS, HOUR_MS, roughNoise, smoothNoise } from './noise.ts';

/** Outdoor air at one moment. `rain` and `cloud` are 0..1, `sun` is 0..1 of a clear noon. */
export interface Weather {
  readonly temp_C: number;
  readonly dewPoint_C: number;
  readonly rain: number;
  readonly cloud: number;
  readonly sun: number;
}

/** China has one time zone: the day's cycle runs on UTC+8. */
export const LOCAL_OFFSET_MS = 8 * HOUR_MS;

const YEAR_MS = 365.2425 * DAY_MS;
const NEW_YEAR_2000_MS = Date.UTC(2000, 0, 1);
const LATITUDE_RAD = (22.5 * Math.PI) / 180;

// January to December, at mid-month.
const MEAN_C = [14.6, 16.2, 19.0, 23.0, 26.2, 28.0, 28.9, 28.7, 27.5, 24.8, 20.5, 16.0] as const;
const DEW_C = [9.4, 12.0, 15.6, 19.6, 22.6, 24.7, 25.2, 25.0, 22.9, 18.2, 13.6, 9.2] as const;
const SWING_C = [4.3, 3.7, 3.4, 3.4, 3.5, 3.4, 3.8, 3.8, 3.9, 4.4, 4.7, 4.7] as const;
const CLOUD = [0.5, 0.62, 0.72, 0.7, 0.64, 0.62, 0.52, 0.54, 0.48, 0.38, 0.38, 0.42] as const;
const WET = [0.09, 0.14, 0.2, 0.26, 0.32, 0.36, 0.3, 0.32, 0.22, 0.08, 0.07, 0.06] as const;
const FRONT_C = [5.5, 5.5, 5.0, 3.6, 2.2, 1.4, 1.2, 1.2, 1.6, 2.6, 4.4, 5.4] as const;

/** The outdoor air of the region at `time_ms`; places with the same seed share their weather. */
export function weatherAt(seed: number, time_ms: number): Weather {
  const year = ((time_ms - NEW_YEAR_2000_MS) / YEAR_MS) % 1;
  const phase = year < 0 ? year + 1 : year;
  const hour = localHour(time_ms);

  const cloud = clamp(
    monthly(CLOUD, phase) + 0.55 * roughNoise(seed, 10, time_ms, 1.6 * DAY_MS),
    0,
    1,
  );
  // A cold surge comes down in hours and is strong; warm spells are mild.
  const air = roughNoise(seed, 20, time_ms, 5.5 * DAY_MS);
  const front_C = monthly(FRONT_C, phase) * (air < 0 ? 1.35 * air : 0.75 * air);
  const rain = rainAt(seed, time_ms, hour, monthly(WET, phase), cloud);

  const swing_C = monthly(SWING_C, phase) * (1.3 - 0.75 * cloud);
  const dry_C =
    monthly(MEAN_C, phase) +
    front_C +
    swing_C * dayShape(hour) +
    0.35 * smoothNoise(seed, 30, time_ms, 35 * 60_000);
  const temp_C = dry_C - 2.6 * rain * (hour > 9 && hour < 19 ? 1 : 0.4);

  const driven_C =
    monthly(DEW_C, phase) + 1.1 * front_C + 1.3 * roughNoise(seed, 40, time_ms, 1.1 * DAY_MS);
  const wet_C = driven_C + (temp_C - driven_C) * 0.75 * rain;
  return {
    temp_C,
    dewPoint_C: Math.min(wet_C, temp_C - 0.35),
    rain,
    cloud,
    sun: sunAt(phase, hour) * (1 - 0.78 * cloud) * (1 - 0.6 * rain),
  };
}

/** Hours since local midnight, 0 up to 24. */
export function localHour(time_ms: number): number {
  const into_ms = (time_ms + LOCAL_OFFSET_MS) % DAY_MS;
  return (into_ms < 0 ? into_ms + DAY_MS : into_ms) / HOUR_MS;
}

/** Coldest before dawn, warmest in mid-afternoon, rising faster than it falls; about -1..1 with mean 0. */
function dayShape(hour: number): number {
  const turn = (2 * Math.PI) / 24;
  return 0.88 * Math.cos(turn * (hour - 14.6)) + 0.2 * Math.cos(2 * turn * (hour - 13.2));
}

function rainAt(seed: number, time_ms: number, hour: number, wet: number, cloud: number): number {
  const spell = 0.5 + 0.5 * roughNoise(seed, 50, time_ms, 1.3 * DAY_MS);
  const shower = 0.5 + 0.5 * roughNoise(seed, 60, time_ms, 3.2 * HOUR_MS);
  const storm = hour > 13 && hour < 19 ? 0.9 * wet * Math.sin(((hour - 13) * Math.PI) / 6) : 0;
  const drive = 0.55 * spell + 0.45 * shower + 0.45 * wet + 0.3 * storm + 0.12 * (cloud - 0.5);
  return clamp((drive - 0.76) / 0.16, 0, 1);
}

/** The sine of the sun's height, from the declination of the day; 0 by night. */
function sunAt(phase: number, hour: number): number {
  const declination = ((-23.44 * Math.PI) / 180) * Math.cos(2 * Math.PI * (phase + 10 / 365));
  // Solar noon at 113° E is 12:28 by the clock of UTC+8.
  const angle = ((hour - 12.47) * Math.PI) / 12;
  const height =
    Math.sin(LATITUDE_RAD) * Math.sin(declination) +
    Math.cos(LATITUDE_RAD) * Math.cos(declination) * Math.cos(angle);
  return Math.max(0, height);
}

/** A monthly figure on the day at `phase` (0..1 of the year), straight between the middles of months. */
function monthly(table: readonly number[], phase: number): number {
  const position = phase * 12 - 0.5 + 12;
  const index = Math.floor(position);
  const before = table[index % 12] as number;
  const after = table[(index + 1) % 12] as number;
  return before + (after - before) * (position - index);
}
