// The records of a recall and of what each holder reports (docs/formats.md §5).

import type { CborObject, CborValue } from '../../encoding/types.ts';
import { AppError } from '../../errors.ts';
import { lotKey } from '../lots/lot.ts';
import type { PolicyRef } from '../policies/policy.ts';
import type { LedgerState, StateReader, StateWrite } from '../types.ts';

/** Sums by the unit of the products. */
export interface Amounts {
  readonly g: number;
  readonly count: number;
}

export interface Recall {
  readonly id: string;
  readonly level: 1 | 2 | 3;
  /** A drill: recorded and timed like a recall, and trade goes on. */
  readonly mock: boolean;
  readonly reason: string;
  readonly opener: string;
  readonly openedAt: number;
  readonly height: number;
  readonly seeds: readonly {
    readonly gtin: string;
    readonly lot: string;
    /** Of a lot that was made into more than one scope holds: from which dependent on, and before which. */
    readonly made?: { readonly from: number; readonly to: number };
  }[];
  readonly siblings: boolean;
  readonly ancestors: boolean;
  /** State tree over the `lots/…` keys in scope, each with the value `true`. */
  readonly scope: { readonly root: Uint8Array; readonly count: number };
  /** What lay with the holders when it was opened: bulk and labelled. */
  readonly due: Amounts;
  readonly holders: number;
  readonly acknowledged: number;
  /** Recovered, destroyed and sold, of all holders' last reports. */
  readonly reported: Amounts;
  readonly policy?: PolicyRef;
  readonly startDue?: number;
  readonly finishDue?: number;
  /** `finishDue` counts Monday to Friday in a year for which there was no calendar. */
  readonly uncalendared?: true;
  readonly status: 'open' | 'closed';
  readonly closedAt?: number;
  readonly shortfall?: { readonly g: number; readonly count: number; readonly reason: string };
  readonly tx: Uint8Array;
}

export interface RecallHolder {
  readonly account: string;
  readonly lots: number;
  readonly due: Amounts;
  readonly acknowledgedAt?: number;
  readonly recovered: Amounts;
  readonly destroyed: Amounts;
  readonly sold: Amounts;
  readonly reportedAt?: number;
}

/** Ids of the open recalls that are no drills. */
export const OPEN_RECALLS_KEY = 'open-recalls';

/** Ids of the open drills. */
export const OPEN_DRILLS_KEY = 'open-drills';

export function recallKey(id: string): string {
  return `recalls/${encodeURIComponent(id)}`;
}

export function recallHolderKey(id: string, account: string): string {
  return `recalls/${encodeURIComponent(id)}/holders/${account}`;
}

/** A value that the rules wrote, as its type: only for values from a certified state. */
export function toRecall(value: CborValue): Recall {
  return value as unknown as Recall;
}

/** A value that the rules wrote, as its type: only for values from a certified state. */
export function toRecallHolder(value: CborValue): RecallHolder {
  return value as unknown as RecallHolder;
}

export function getRecall(state: StateReader, id: string): Recall | undefined {
  const value = state.get(recallKey(id));
  return value === undefined ? undefined : toRecall(value);
}

export function getRecallHolder(
  state: StateReader,
  id: string,
  account: string,
): RecallHolder | undefined {
  const value = state.get(recallHolderKey(id, account));
  return value === undefined ? undefined : toRecallHolder(value);
}

/** Throws `recalls/unknown`. */
export function requireRecall(state: StateReader, id: string): Recall {
  const recall = getRecall(state, id);
  if (recall === undefined)
    throw new AppError('recalls/unknown', 'There is no such recall.', { recall: id });
  return recall;
}

export function recallHolderWrite(id: string, holder: RecallHolder): StateWrite {
  return { key: recallHolderKey(id, holder.account), value: holder as unknown as CborObject };
}

export function recallWrite(recall: Recall): StateWrite {
  return { key: recallKey(recall.id), value: recall as unknown as CborObject };
}

/** Recovered, destroyed and sold together. */
export function reportedBy({
  recovered,
  destroyed,
  sold,
}: Pick<RecallHolder, 'recovered' | 'destroyed' | 'sold'>): Amounts {
  const sum = (unit: keyof Amounts): number =>
    Math.min(recovered[unit] + destroyed[unit] + sold[unit], Number.MAX_SAFE_INTEGER);
  return { g: sum('g'), count: sum('count') };
}

export function openRecalls(state: StateReader): readonly string[] {
  return (state.get(OPEN_RECALLS_KEY) as string[] | undefined) ?? [];
}

export function openDrills(state: StateReader): readonly string[] {
  return (state.get(OPEN_DRILLS_KEY) as string[] | undefined) ?? [];
}

/** Throws `recalls/in-scope`, naming the recall, when the lot may not be shipped, transformed or labelled. */
export function requireNotRecalled(state: LedgerState, gtin: string, lot: string): void {
  const recall = openRecalls(state).find((id) => state.inScope(id, lotKey(gtin, lot)));
  if (recall !== undefined) {
    throw new AppError(
      'recalls/in-scope',
      `The lot is in the scope of recall ${recall}: keep it, acknowledge the recall and report what you hold.`,
      { recall, gtin, lot },
    );
  }
}
