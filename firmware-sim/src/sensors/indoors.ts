// How a building answers the weather: walls delay and flatten it, doors let it in.

import { hashedUnit } from '../random/random.ts';
import { localHour, weatherAt } from './climate.ts';
import { HOUR_MS, MINUTE_MS } from './noise.ts';

export interface Air {
  readonly temp_C: number;
  readonly dewPoint_C: number;
}

const LAG_SAMPLES = 12;

/** The outdoor air of the past, weighted by e^(-age / tau): what seeps through walls with a time constant of `tau_ms`. */
export function seepedAir(seed: number, time_ms: number, tau_ms: number): Air {
  const step_ms = tau_ms / 4;
  let weights = 0;
  let temp_C = 0;
  let dewPoint_C = 0;
  for (let index = 0; index < LAG_SAMPLES; index++) {
    const weight = Math.exp(-index / 4);
    const past = weatherAt(seed, time_ms - index * step_ms);
    weights += weight;
    temp_C += weight * past.temp_C;
    dewPoint_C += weight * past.dewPoint_C;
  }
  return { temp_C: temp_C / weights, dewPoint_C: dewPoint_C / weights };
}

export interface Doors {
  readonly seed: number;
  /** Local hours of work, for example [[8, 12], [14, 18]]. */
  readonly hours: readonly (readonly [from: number, to: number])[];
  /** Chance that a door opens in a half hour of work. */
  readonly chance: number;
  /** How long an opening lasts at most. */
  readonly longest_ms: number;
  /** How long the room takes to forget. */
  readonly recover_ms: number;
}

const DOOR_SLOT_MS = 30 * MINUTE_MS;

/** How much of the outdoors stands in the room, 0..1: rises while a door is open, decays afterwards. */
export function doorMix(doors: Doors, time_ms: number): number {
  const newest = Math.floor(time_ms / DOOR_SLOT_MS);
  const slots = Math.ceil((doors.longest_ms + 5 * doors.recover_ms) / DOOR_SLOT_MS) + 1;
  let shut = 1;
  for (let slot = newest; slot > newest - slots; slot--) {
    if (hashedUnit(doors.seed, 70, slot) >= doors.chance) continue;
    const opened_ms =
      slot * DOOR_SLOT_MS + hashedUnit(doors.seed, 71, slot) * (DOOR_SLOT_MS - MINUTE_MS);
    const hour = localHour(opened_ms);
    if (!doors.hours.some(([from, to]) => hour >= from && hour < to)) continue;
    const open_ms = (0.25 + 0.75 * hashedUnit(doors.seed, 72, slot)) * doors.longest_ms;
    shut *= 1 - oneDoor(time_ms - opened_ms, open_ms, doors.recover_ms);
  }
  return 1 - shut;
}

function oneDoor(since_ms: number, open_ms: number, recover_ms: number): number {
  if (since_ms <= 0) return 0;
  const filled = 1 - Math.exp(-Math.min(since_ms, open_ms) / (12 * MINUTE_MS));
  return since_ms <= open_ms ? filled : filled * Math.exp(-(since_ms - open_ms) / recover_ms);
}

/** The room's air with `share` (0..1) of it replaced by outdoor air. */
export function mixAir(room: Air, outside: Air, share: number): Air {
  return {
    temp_C: room.temp_C + (outside.temp_C - room.temp_C) * share,
    dewPoint_C: room.dewPoint_C + (outside.dewPoint_C - room.dewPoint_C) * share,
  };
}

/** Local working hours of a store: a morning and an afternoon, closed over noon. */
export const WORKING_HOURS = [
  [8, 12],
  [14, 18],
] as const;

/** An hour, for callers that give a time constant in hours. */
export const hours = (count: number): number => count * HOUR_MS;
