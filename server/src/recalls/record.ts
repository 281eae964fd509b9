// What is told of a recall: how far it is, who has acted and when, what is still open.

import {
  type Amounts,
  getRecall,
  getRecallHolder,
  type Recall,
  type RecallHolder,
  recallHolderKey,
} from '@suyuan/contracts';
import type { LedgerNode } from '../http/ports.ts';

const PREFIX = 'recalls/';
const HOLDERS = '/holders/';
/** Above every character of an account's id. */
const LAST = '~';
const HOLDERS_PAGE = 2000;

const stateOf = (node: LedgerNode) => ({ get: (key: string) => node.read(key) });

export function recallOf(node: LedgerNode, id: string): Recall | undefined {
  return getRecall(stateOf(node), id);
}

/** Recalls by id, after the id `after`. Their holders stand between them, so each is stepped over. */
export function listRecalls(node: LedgerNode, limit: number, after?: string): Recall[] {
  const found: Recall[] = [];
  let last = after === undefined ? undefined : `${PREFIX}${encodeURIComponent(after)}`;
  while (found.length < limit) {
    const key = node.keys(PREFIX, { limit: 1, ...(last === undefined ? {} : { after: last }) })[0];
    if (key === undefined) break;
    const holders = key.indexOf(HOLDERS);
    if (holders >= 0) {
      last = `${key.slice(0, holders)}${HOLDERS}${LAST}`;
      continue;
    }
    const recall = recallOf(node, decodeURIComponent(key.slice(PREFIX.length)));
    if (recall !== undefined) found.push(recall);
    last = key;
  }
  return found;
}

/** By account. */
export function holdersOf(node: LedgerNode, recall: string): RecallHolder[] {
  const prefix = recallHolderKey(recall, '');
  return node.keys(prefix, { limit: HOLDERS_PAGE }).flatMap((key) => {
    const holder = getRecallHolder(stateOf(node), recall, key.slice(prefix.length));
    return holder === undefined ? [] : [holder];
  });
}

const isAll = (part: Amounts, whole: Amounts): boolean =>
  part.g === whole.g && part.count === whole.count;

/** How much of what is due is accounted for, in thousandths rounded down, so that 1000 is all. */
export function reconciled_permille({ due, reported }: Pick<Recall, 'due' | 'reported'>): number {
  if (isAll(reported, due)) return 1000;
  const part = BigInt(reported.g) + BigInt(reported.count);
  const whole = BigInt(due.g) + BigInt(due.count);
  return Math.min(999, Number((part * 1000n) / whole));
}

/** Time left until a deadline, negative when it is past; null where no policy set one, or where the recall is closed. */
export function countdown(recall: Recall, now_ms: number) {
  const left = (due: number | undefined): number | null =>
    due === undefined || recall.status === 'closed' ? null : due - now_ms;
  return { start_ms: left(recall.startDue), finish_ms: left(recall.finishDue) };
}

/** A drill's result: times since the opening, in ms, null for what has not happened. */
export function timedReport(recall: Recall, holders: readonly RecallHolder[]) {
  const since = (at: number | undefined): number | null =>
    at === undefined ? null : at - recall.openedAt;
  const latest = (times: readonly (number | undefined)[]): number | undefined =>
    times.includes(undefined) ? undefined : Math.max(...times.map((time) => time ?? 0));
  const reconciled = isAll(recall.reported, recall.due);
  return {
    id: recall.id,
    mock: recall.mock,
    openedAt: recall.openedAt,
    lots: recall.scope.count,
    holders: holders
      .map((holder) => ({
        account: holder.account,
        acknowledged_ms: since(holder.acknowledgedAt),
        reported_ms: since(holder.reportedAt),
      }))
      .sort((a, b) => (a.acknowledged_ms ?? Infinity) - (b.acknowledged_ms ?? Infinity)),
    allAcknowledged_ms: since(latest(holders.map((holder) => holder.acknowledgedAt))),
    reconciled_ms: reconciled
      ? since(latest(holders.flatMap((h) => (h.reportedAt === undefined ? [] : [h.reportedAt]))))
      : null,
    reconciled_permille: reconciled_permille(recall),
    closed_ms: since(recall.closedAt),
  };
}
