// What the scans of one serial say about copies of its label. No bundle proves a scan: the server that counted them says so,
// visitors are counted by tokens that change every day, and areas are coarse names. So a judgement is a sign, but for one
// case: a hidden code that was revealed on the ledger and is revealed again.

/** One day in China (UTC+8) on which the unit was scanned. */
export interface ScanDay {
  /** YYYY-MM-DD. */
  readonly day: string;
  readonly scans: number;
  /** Distinct tokens of that day: an upper bound on new people, for somebody who comes back tomorrow counts again. */
  readonly visitors: number;
}

/** The scans of one unit as a server counted them. */
export interface ScanHistory {
  readonly scans: number;
  /** The sum over the days. */
  readonly visitors: number;
  /** YYYY-MM-DD; null before the first scan. */
  readonly firstDay: string | null;
  readonly lastDay: string | null;
  /** Ascending; only days with scans, the latest of them. */
  readonly days: readonly ScanDay[];
  /** Days before those of `days`, summed up. */
  readonly earlier: { readonly days: number; readonly scans: number; readonly visitors: number };
  /** Distinct coarse names of areas: told by the operator's network, or chosen by the person. */
  readonly areas: { readonly network: number; readonly chosen: number };
}

/** Reveals of the hidden code of the unit. */
export interface Reveals {
  /** Block time of the one reveal that the ledger took; null: not revealed. */
  readonly revealedAt_ms: number | null;
  /** Attempts after it with the right code, those of whoever revealed it first left out. */
  readonly again: number;
}

/** From which counts on scans mean something. A policy may give others. */
export interface ScanLimits {
  /** Visitors in all, visitors of one day, areas: any of them is unusual for one pack. */
  readonly unusualVisitors: number;
  readonly unusualDayVisitors: number;
  readonly unusualAreas: number;
  /** Visitors and areas told by the network that one pack can hardly have had: both together are a strong sign. */
  readonly strongVisitors: number;
  readonly strongAreas: number;
}

/** A pack stands on a shelf, is bought, is shown around: some twenty people in two towns see it, not a hundred in five. */
export const SCAN_LIMITS: ScanLimits = {
  unusualVisitors: 20,
  unusualDayVisitors: 10,
  unusualAreas: 3,
  strongVisitors: 100,
  strongAreas: 5,
};

export const SCAN_SIGNALS = ['none', 'few', 'unusual', 'strong-sign', 'copy-proven'] as const;

export type ScanSignal = (typeof SCAN_SIGNALS)[number];

/** Why: codes for the page's words, each with the count that it is about. */
export interface ScanReason {
  readonly kind:
    | 'revealed-again'
    | 'many-visitors'
    | 'many-in-one-day'
    | 'many-areas'
    /** The areas are what people chose, nobody checked them. */
    | 'areas-chosen'
    | 'scanned-before'
    /** The code was revealed once, by whom the ledger does not say. */
    | 'revealed-once';
  readonly count: number;
}

export interface ScanJudgement {
  readonly signal: ScanSignal;
  readonly reasons: readonly ScanReason[];
}

/**
 * What the scans say. A second scan is no fraud: `few` only says that others have looked. More visitors or areas never lower
 * the signal. A count that is no whole number from 0 counts as 0. Throws nothing.
 */
export function judgeScans(
  history: ScanHistory,
  reveals: Reveals,
  limits: ScanLimits = SCAN_LIMITS,
): ScanJudgement {
  const visitors = whole(history.visitors);
  const busiest = history.days.reduce((most, day) => Math.max(most, whole(day.visitors)), 0);
  const [network, chosen] = [whole(history.areas.network), whole(history.areas.chosen)];
  const areas = Math.max(network, chosen);
  const again = reveals.revealedAt_ms === null ? 0 : whole(reveals.again);

  const reasons: ScanReason[] = [];
  const add = (holds: boolean, kind: ScanReason['kind'], count: number): boolean => {
    if (holds) reasons.push({ kind, count });
    return holds;
  };
  const isCopied = add(again > 0, 'revealed-again', again);
  add(!isCopied && reveals.revealedAt_ms !== null, 'revealed-once', 1);
  const isUnusual = [
    add(visitors >= limits.unusualVisitors, 'many-visitors', visitors),
    add(busiest >= limits.unusualDayVisitors, 'many-in-one-day', busiest),
    add(areas >= limits.unusualAreas, 'many-areas', areas),
  ].includes(true);
  add(areas >= limits.unusualAreas && chosen > network, 'areas-chosen', chosen);
  const isFew = add(!isUnusual && visitors > 1, 'scanned-before', visitors);

  // What people choose nobody checked: whoever wants a pack to look copied would choose many.
  const isStrong = visitors >= limits.strongVisitors && network >= limits.strongAreas;
  const signal: ScanSignal = isCopied
    ? 'copy-proven'
    : isStrong
      ? 'strong-sign'
      : isUnusual
        ? 'unusual'
        : isFew
          ? 'few'
          : 'none';
  return { signal, reasons };
}

/** A history comes from a server: nonsense in it must not become a number on the page. */
function whole(value: number): number {
  return Number.isSafeInteger(value) && value > 0 ? value : 0;
}
