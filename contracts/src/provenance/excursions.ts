// Readings beyond a limit of a policy: threshold, direction, duration (single or summed) and what the sensor may be wrong by
// (docs/formats.md §8, *Climate*). Only what two readings that follow each other both show counts as time.

import type { ClimateLimit } from '../rules/policies/policy.ts';
import type { Evidenced } from './coverage.ts';
import { type Interval, length_ms, subtract, union } from './intervals.ts';
import type { Stay } from './stays.ts';

export interface Excursions {
  readonly excursions: number;
  readonly longest_ms: number;
  readonly beyond_ms: number;
}

/** True if the value lies further beyond the limit than the sensor may be wrong by. */
function isBeyond({ above, limit, error }: ClimateLimit, value: number): boolean {
  return above ? value > limit + error : value < limit - error;
}

/** Excursions that readings show which are not late, over all devices. */
export function excursionsOf(limit: ClimateLimit, evidence: readonly Evidenced[]): Excursions {
  const runs = joined(evidence.flatMap((e) => runsOf(limit, e)));
  const lengths = runs.map(({ from_ms, to_ms }) => to_ms - from_ms);
  const beyond_ms = lengths.reduce((sum, length) => sum + length, 0);
  const counted = limit.cumulative
    ? lengths.filter(() => beyond_ms >= limit.duration_ms)
    : lengths.filter((length) => length >= limit.duration_ms);
  return {
    excursions: counted.length,
    longest_ms: lengths.reduce((a, b) => Math.max(a, b), 0),
    beyond_ms,
  };
}

/** From the first to the last of readings beyond the limit that follow each other, device by device. */
function runsOf(limit: ClimateLimit, { readings }: Evidenced): Interval[] {
  const byDevice = new Map<string, { time_ms: number; to_ms: number; beyond: boolean }[]>();
  for (const { pack, reading, covers } of readings) {
    if (reading.quantity !== limit.quantity || reading.late) continue;
    const list = byDevice.get(pack.device.id) ?? [];
    byDevice.set(pack.device.id, list);
    const beyond = isBeyond(limit, reading.value);
    list.push({ time_ms: reading.time_ms, to_ms: covers.to_ms, beyond });
  }
  const runs: { from_ms: number; to_ms: number }[] = [];
  for (const list of byDevice.values()) {
    list.sort((a, b) => a.time_ms - b.time_ms || Number(a.beyond) - Number(b.beyond));
    let open: { from_ms: number; to_ms: number } | undefined;
    let until_ms = 0;
    for (const { time_ms, to_ms, beyond } of list) {
      if (!beyond) open = undefined;
      else if (open !== undefined && time_ms <= until_ms) open.to_ms = time_ms;
      else {
        open = { from_ms: time_ms, to_ms: time_ms };
        runs.push(open);
      }
      until_ms = to_ms;
    }
  }
  return runs;
}

/** Closed intervals that touch or overlap become one; a single moment stays. */
function joined(runs: readonly Interval[]): Interval[] {
  const result: { from_ms: number; to_ms: number }[] = [];
  for (const { from_ms, to_ms } of [...runs].sort((a, b) => a.from_ms - b.from_ms)) {
    const last = result.at(-1);
    if (last !== undefined && from_ms <= last.to_ms) last.to_ms = Math.max(last.to_ms, to_ms);
    else result.push({ from_ms, to_ms });
  }
  return result;
}

/** On what the quiet of the rest rests: time of which nothing is known, whether any of it is only stated, and by whom. */
export function judgeLimit(
  limit: ClimateLimit,
  stays: readonly Stay[],
  evidence: readonly Evidenced[],
): {
  readonly unknown_ms: number;
  readonly attested: boolean;
  readonly attestor: string | undefined;
  readonly statedDays: number;
} {
  let unknown_ms = 0;
  let attested = false;
  let attestor: string | undefined;
  const beyond = new Set<number>();
  evidence.forEach(({ readings, days }, i) => {
    const stay = stays[i] as Stay;
    const counted = readings.filter(({ reading }) => reading.quantity === limit.quantity);
    const stated = days.filter(({ statement }) => statement.quantity === limit.quantity);
    const late = counted.filter(({ reading }) => reading.late);
    const proven = union(counted.flatMap(({ reading, covers }) => (reading.late ? [] : [covers])));
    const known = union([
      ...proven,
      ...late.map(({ covers }) => covers),
      ...stated.flatMap(({ covered }) => covered),
    ]);
    unknown_ms += length_ms(subtract([stay], known));
    if (length_ms(known) > length_ms(proven)) attested = true;
    attestor ??= stated[0]?.statement.gateway ?? late[0]?.pack.gateway;
    for (const { day } of stated) {
      if (isBeyond(limit, limit.above ? day.max : day.min)) beyond.add(day.from_ms);
    }
  });
  return { unknown_ms, attested, attestor, statedDays: beyond.size };
}

/** ΔH / R in kelvin: 83.144 kJ/mol over 8.3144 J/(mol·K). */
const ACTIVATION_K = 10_000;
const ZERO_C_K = 273.15;

/** The mean kinetic temperature of readings in milli-°C: the one temperature that would have aged the goods as much. */
export function kineticMean_mC(values_mC: readonly number[]): number {
  const sum = values_mC.reduce(
    (total, value) => total + Math.exp(-ACTIVATION_K / (value / 1000 + ZERO_C_K)),
    0,
  );
  return Math.round((-ACTIVATION_K / Math.log(sum / values_mC.length) - ZERO_C_K) * 1000) + 0;
}
