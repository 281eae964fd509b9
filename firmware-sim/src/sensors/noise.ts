// Smooth chance: a value that wanders with time, yet is a function of time alone, so that any moment can be asked for
// first, last or twice.

import { hashedUnit } from '../random/random.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** A wandering value in [-1, 1] that takes about `period_ms` to change its mind. Channels are independent. */
export function smoothNoise(
  seed: number,
  channel: number,
  time_ms: number,
  period_ms: number,
): number {
  const position = time_ms / period_ms;
  const index = Math.floor(position);
  const part = position - index;
  const blend = part * part * (3 - 2 * part);
  const before = hashedUnit(seed, channel, index);
  const after = hashedUnit(seed, channel, index + 1);
  return 2 * (before + (after - before) * blend) - 1;
}

/** Three octaves of `smoothNoise`, in [-1, 1]: large swings with small ones on them, as weather has. */
export function roughNoise(
  seed: number,
  channel: number,
  time_ms: number,
  period_ms: number,
): number {
  const large = smoothNoise(seed, channel, time_ms, period_ms);
  const middle = smoothNoise(seed, channel + 1, time_ms, period_ms / 2.7);
  const small = smoothNoise(seed, channel + 2, time_ms, period_ms / 7.3);
  return large * 0.62 + middle * 0.27 + small * 0.11;
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
