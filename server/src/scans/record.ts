// The record of one unit's scans, and what a scan changes in it. Everything in it has a limit.

import type { ScanHistory } from '@suyuan/contracts';
import { dayText } from './days.ts';

export const SCAN_RECORD_LIMITS = {
  /** Days that are kept one by one: a season. */
  days: 90,
  /** Tokens of one unit and day; who comes after them is a scan, and no visitor. */
  tokens: 1_024,
  /** Browsers behind one address that count as visitors of a day: a household, not a script that changes its name. */
  perAddress: 4,
  /** Names of areas, of each source. */
  areas: 64,
  /** Scans of one day that are counted. */
  scansPerDay: 100_000,
  /** A unit that nobody scanned for so long is forgotten: records are kept for two years, with one to spare. */
  retentionDays: 3 * 366,
} as const;

type DayCount = readonly [day: number, scans: number, visitors: number];

export interface ScanRecord {
  readonly first: number;
  readonly last: number;
  /** Ascending. */
  readonly days: readonly DayCount[];
  readonly earlier: { readonly days: number; readonly scans: number; readonly visitors: number };
  readonly areas: { readonly network: readonly string[]; readonly chosen: readonly string[] };
  /** Tokens of the last day, each followed by `1` once its visitor chose an area, else `0`. */
  readonly tokens: readonly string[];
}

export interface Scan {
  readonly day: number;
  readonly token: string;
  /** By a proxy that is trusted. */
  readonly network?: string | undefined;
  /** By the person. */
  readonly chosen?: string | undefined;
}

const NONE: Omit<ScanRecord, 'first' | 'last'> = {
  days: [],
  earlier: { days: 0, scans: 0, visitors: 0 },
  areas: { network: [], chosen: [] },
  tokens: [],
};

/** The record after the scan. A clock that went back counts into the last day. */
export function addScan(
  before: ScanRecord | undefined,
  scan: Scan,
  limits: typeof SCAN_RECORD_LIMITS = SCAN_RECORD_LIMITS,
): ScanRecord {
  const day = Math.max(scan.day, before?.last ?? scan.day);
  const base = before ?? { ...NONE, first: day, last: day };
  const { days, tokens } = base.last === day ? base : { ...base, tokens: [] };
  const known = tokens.find((entry) => entry.startsWith(scan.token));
  const sameAddress = tokens.filter((entry) => entry.startsWith(scan.token.slice(0, 8))).length;
  const isVisitor =
    known === undefined && tokens.length < limits.tokens && sameAddress < limits.perAddress;
  // Choosing an area belongs to a scan that was counted: it is none of its own, and each visitor has one choice.
  const isChoice = known?.endsWith('0') === true && scan.chosen !== undefined;

  const today: DayCount = days.at(-1)?.[0] === day ? days.at(-1)! : [day, 0, 0];
  const counted: DayCount = [
    day,
    Math.min(limits.scansPerDay, today[1] + (isChoice ? 0 : 1)),
    today[2] + (isVisitor ? 1 : 0),
  ];
  const all = [...days.filter(([at]) => at !== day), counted];
  const over = all.slice(0, Math.max(0, all.length - limits.days));
  const entry = `${scan.token}${scan.chosen === undefined ? '0' : '1'}`;
  const mayPlace = isVisitor || isChoice;
  return {
    first: base.first,
    last: day,
    days: all.slice(over.length),
    earlier: over.reduce(
      (sum, [, scans, visitors]) => ({
        days: sum.days + 1,
        scans: sum.scans + scans,
        visitors: sum.visitors + visitors,
      }),
      base.earlier,
    ),
    areas: {
      network: withArea(base.areas.network, isVisitor ? scan.network : undefined, limits.areas),
      chosen: withArea(base.areas.chosen, mayPlace ? scan.chosen : undefined, limits.areas),
    },
    tokens: isVisitor
      ? [...tokens, entry]
      : isChoice
        ? tokens.map((one) => (one === known ? `${scan.token}1` : one))
        : tokens,
  };
}

function withArea(
  areas: readonly string[],
  name: string | undefined,
  max: number,
): readonly string[] {
  if (name === undefined || areas.length >= max || areas.includes(name)) return areas;
  return [...areas, name];
}

/** What `today` leaves of a record: undefined when it is to be forgotten, without tokens once their day is over. */
export function agedRecord(
  record: ScanRecord,
  today: number,
  limits: typeof SCAN_RECORD_LIMITS = SCAN_RECORD_LIMITS,
): ScanRecord | undefined {
  if (record.last < today - limits.retentionDays) return undefined;
  if (record.last >= today || record.tokens.length === 0) return record;
  return { ...record, tokens: [] };
}

/** What is told of it: counts, no token, no name. */
export function historyOf(record: ScanRecord | undefined): ScanHistory {
  const { days, earlier, areas } = record ?? NONE;
  const sum = (of: 1 | 2) => days.reduce((total, day) => total + day[of], 0);
  return {
    scans: earlier.scans + sum(1),
    visitors: earlier.visitors + sum(2),
    firstDay: record === undefined ? null : dayText(record.first),
    lastDay: record === undefined ? null : dayText(record.last),
    days: days.map(([day, scans, visitors]) => ({ day: dayText(day), scans, visitors })),
    earlier,
    areas: { network: areas.network.length, chosen: areas.chosen.length },
  };
}
