// When what happens, counted back from the end of the season, which is the day of the first start. A demo started in May has its
// harvest in May too: what matters to the story is how long ago it was.

import { DAY_MS, HOUR_MS, MINUTE_MS } from './ids.ts';

export const SEASON_YEARS = { least: 1, usual: 5, most: 10 } as const;

export function isYears(value: unknown): value is number {
  return (
    Number.isSafeInteger(value) &&
    Number(value) >= SEASON_YEARS.least &&
    Number(value) <= SEASON_YEARS.most
  );
}

export interface Plan {
  /** The season's end: the time of the first start. */
  readonly end_ms: number;
  /** What the label of the peel claims. */
  readonly years: number;
  /** A logger's file that stands in for the sensor of the first room. */
  readonly replay?: string;
}

const YEAR_DAYS = 365.25;

/** From the harvest of the peel to its labels there are its years, and these days around them. */
const BEFORE_ROOM = { begin: 37, granted: 36, picked: 34, dried: 24, stored: 22 } as const;

/** Days before the end; the latest a season must have are those of the shortest one. */
export const DAYS = {
  paddyHarvest: 120,
  siloed: 118,
  foreignBought: 70,
  foreignDried: 62,
  foreignLabelled: 60,
  refuted: 52,
  decided: 38,
  overClaim: 44,
  milled: 26,
  riceLabelled: 24,
  riceShipped: 23,
  riceReceived: 22.5,
  peelLabelled: 14,
  peelShipped: 13,
  peelReceived: 12.6,
  drill: 10,
  firstScans: 9,
  revealed: 6.5,
  copyShown: 1.5,
  suspected: 5,
  recalled: 4.2,
  acknowledged: 4,
  reported: 3.1,
  melonHarvest: 1.9,
  melonPacked: 1.75,
  melonLoaded: 1.6,
  melonWarm: 1.45,
  melonCold: 1.36,
  melonArrived: 1.1,
} as const;

export function daysBefore(plan: Plan, day: keyof typeof BEFORE_ROOM): number {
  return plan.years * YEAR_DAYS + BEFORE_ROOM[day];
}

/** The time that lies so many days before the end; counted from a whole hour, on which hourly sensors report. */
export function at(plan: Pick<Plan, 'end_ms'>, days: number): number {
  if (days === 0) return plan.end_ms;
  const hour_ms = Math.floor(plan.end_ms / HOUR_MS) * HOUR_MS;
  return hour_ms - Math.round((days * DAY_MS) / MINUTE_MS) * MINUTE_MS;
}

export function seasonStart_ms(plan: Plan): number {
  return at(plan, daysBefore(plan, 'begin'));
}

const CST_MS = 8 * HOUR_MS;

/** The year in China, for the names of seasons and lots. */
export function yearAt(time_ms: number): number {
  return new Date(time_ms + CST_MS).getUTCFullYear();
}

/** Named after the year in which it begins, as the rules of quotas ask. */
export function peelSeason(plan: Plan): string {
  return String(yearAt(seasonStart_ms(plan)));
}

/** Lots by what they are in the story. */
export function lotsOf(plan: Plan) {
  const peel = peelSeason(plan);
  const now = yearAt(plan.end_ms);
  return {
    driedPeel: `GP-${peel}`,
    roomA: `CP-${peel}-A1`,
    roomB: `CP-${peel}-B3`,
    paddy: `TS-${now}-P`,
    silo: `TS-${now}-S2`,
    otherSilo: `TS-${now}-S3`,
    rice: `TS-${now}-M1`,
    badRice: `TS-${now}-M2`,
    melon: `DR-${now}-1`,
    chilledMelon: `DR-${now}-1C`,
    foreignFruit: `JS-${now}-F1`,
    foreignPeel: `JS-${now}-G1`,
  } as const;
}
