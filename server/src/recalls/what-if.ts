// What a recall of these seeds would reach, by the ledger's own rule, before anyone signs it. The walk makes room for other
// requests, so a block may fall between; the scope is then computed anew by whoever opens the recall.

import { setImmediate } from 'node:timers/promises';
import {
  type Amounts,
  addAmounts,
  countedReader,
  gatherHoldings,
  type Hash,
  type Holding,
  type ScopeQuery,
  type ScopeTree,
  type StateReader,
  scopeTreeSteps,
  walkScope,
} from '@suyuan/contracts';

const LOTS_AT_ONCE = 500;

export interface WhatIf {
  /** What `recalls.open` commits to: 32 bytes, and the number of lots. */
  readonly root: Uint8Array;
  readonly count: number;
  readonly due: Amounts;
  readonly holders: readonly ({ readonly account: string } & Holding)[];
}

/** Throws `lots/unknown`, `recalls/scope-too-large` or `recalls/too-many-holders`. */
export async function whatIf(state: StateReader, hash: Hash, query: ScopeQuery): Promise<WhatIf> {
  const reader = countedReader(state);
  const holdings = gatherHoldings(reader);
  const walk = walkScope(reader, query);
  let lots: string[] | undefined;
  while (lots === undefined) {
    for (let i = 0; i < LOTS_AT_ONCE && lots === undefined; i++) {
      const step = walk.next();
      if (step.done === true) lots = step.value;
      else holdings.add(step.value);
    }
    await setImmediate();
  }
  const steps = scopeTreeSteps(hash, lots);
  let tree: ScopeTree | undefined;
  while (tree === undefined) {
    const step = steps.next();
    if (step.done === true) tree = step.value;
    await setImmediate();
  }
  const holders = [...holdings.byHolder()].map(([account, held]) => ({ account, ...held }));
  return {
    root: tree.root,
    count: lots.length,
    due: holders.reduce<Amounts>((sum, { due }) => addAmounts(sum, due), { g: 0, count: 0 }),
    holders,
  };
}
