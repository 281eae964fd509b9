// A validator that was down catches up from the others' logs. While it is down its turns are waited for in vain, so the timeout of a slot
// is short here, or a thousand blocks would take an hour of which most is waiting.

import type { Fleet } from './fleet.ts';
import { type LotNumbers, runLoad } from './load.ts';
import type { Trade } from './trade.ts';

export interface BacklogCost {
  readonly blocks: number;
  readonly txs: number;
  /** From the moment when its state was open, connecting included. */
  readonly elapsed_ms: number;
  /** Of the validator that came back. */
  readonly cpu_ms: number;
}

export const BACKLOG_SIMPLEX = { skip_ms: 100, skipMax_ms: 400, minInterval_ms: 10 } as const;
const LANES = 24;
const PIECE_MS = 1_000;
const MOST_PER_S = 400;

export async function measureBacklog(
  fleet: Fleet,
  trade: Trade,
  numbers: LotNumbers,
  blocks: number,
): Promise<BacklogCost> {
  const others = fleet.validators.slice(0, -1);
  const late = fleet.validators.at(-1)!;
  const from = await fleet.settled();
  await late.stop();
  let to = from;
  while (to - from < blocks) {
    // One lot in work makes a block a transaction: for a backlog of one block a few are enough.
    const lanes = blocks === 1 ? 1 : LANES;
    const time_ms = blocks === 1 ? 1 : PIECE_MS;
    const load = { trade, numbers, lanes, time_ms, most_per_s: MOST_PER_S, of: others };
    to = (await runLoad(fleet, load)).to;
  }
  await late.start();
  const { elapsed_ms, cpu_ms } = await late.ask<'reach'>({ order: 'reach', height: to });
  const { txs } = await late.ask<'weigh'>({ order: 'weigh', from, to });
  return { blocks: to - from, txs, elapsed_ms, cpu_ms };
}
