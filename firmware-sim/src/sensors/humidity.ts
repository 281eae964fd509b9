// Air holds its water in vapour, not in percent: every place is modelled by temperature and dew point, and relative
// humidity follows from the two, so that it falls when a room warms and rises when it cools.

// The Magnus form over water with the coefficients of Alduchov and Eskridge (1996).
const MAGNUS_A = 17.625;
const MAGNUS_B_C = 243.04;

/** Relative humidity in percent, 0..100, of air at `temp_C` whose dew point is `dewPoint_C`. */
export function relativeHumidity_pct(temp_C: number, dewPoint_C: number): number {
  const vapour = (MAGNUS_A * dewPoint_C) / (MAGNUS_B_C + dewPoint_C);
  const saturated = (MAGNUS_A * temp_C) / (MAGNUS_B_C + temp_C);
  return Math.min(100, 100 * Math.exp(vapour - saturated));
}

/** The dew point of air at `temp_C` with `humidity_pct` (above 0) of relative humidity. */
export function dewPoint_C(temp_C: number, humidity_pct: number): number {
  const gamma = Math.log(humidity_pct / 100) + (MAGNUS_A * temp_C) / (MAGNUS_B_C + temp_C);
  return (MAGNUS_B_C * gamma) / (MAGNUS_A - gamma);
}
