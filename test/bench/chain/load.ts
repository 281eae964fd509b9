// Transactions for the validators' clients, signed before the clock starts, and what came of sending them.

import type { Fleet } from './fleet.ts';
import { GROWERS, STEPS, type Trade } from './trade.ts';

export interface LoadResult {
  /** Lots that were worked at once: each has one transaction under way. */
  readonly lanes: number;
  readonly txs: number;
  readonly tx_per_s: number;
  readonly p50_ms: number;
  readonly p95_ms: number;
  /** Of each validator, in parts of a core. */
  readonly cores: readonly number[];
  /** Heights before and after. */
  readonly from: number;
  readonly to: number;
}

/** Numbers the lots of each grower over the whole run. */
export type LotNumbers = number[];

export function lotNumbers(): LotNumbers {
  return new Array<number>(GROWERS).fill(0);
}

/** The ledger's beginnings through the first validator, the growers through all of them. */
export async function settleGrowers(fleet: Fleet, trade: Trade): Promise<void> {
  const [first] = fleet.validators;
  await first!.ask<'load'>({ order: 'load', lanes: [trade.beginnings()] });
  await first!.ask<'run'>({ order: 'run', time_ms: Number.MAX_SAFE_INTEGER });
  const growers = Array.from({ length: GROWERS }, (_, i) => i);
  await send(
    fleet,
    growers.map((grower) => trade.settle(grower)),
    Number.MAX_SAFE_INTEGER,
  );
}

/** `lanes` growers' hands, each with a lot in work, for `time_ms`; enough is signed for `most_per_s`. */
export async function runLoad(
  fleet: Fleet,
  parts: {
    readonly trade: Trade;
    readonly numbers: LotNumbers;
    readonly lanes: number;
    readonly time_ms: number;
    readonly most_per_s: number;
    readonly of?: Fleet['validators'];
  },
): Promise<LoadResult> {
  const { trade, numbers, lanes, time_ms, most_per_s, of } = parts;
  const height = await fleet.settled(of);
  const lots = Math.ceil((most_per_s * time_ms) / 1000 / lanes / STEPS) + 1;
  const work = Array.from({ length: lanes }, (_, lane) => {
    const grower = lane % GROWERS;
    return Array.from({ length: lots }, () => {
      numbers[grower] = numbers[grower]! + 1;
      return trade.lot(grower, numbers[grower]!, height);
    }).flat();
  });
  return send(fleet, work, time_ms, of);
}

async function send(
  fleet: Fleet,
  work: readonly (readonly Uint8Array[])[],
  time_ms: number,
  of: Fleet['validators'] = fleet.validators,
): Promise<LoadResult> {
  // Validators by turns, so that each takes as many.
  await fleet.all<'load'>(
    (index) => ({ order: 'load', lanes: work.filter((_, lane) => lane % of.length === index) }),
    of,
  );
  const from = await fleet.settled(of);
  const runs = await fleet.all<'run'>(() => ({ order: 'run', time_ms }), of);
  const to = await fleet.settled(of);
  const finality_ms = runs.flatMap((run) => run.finality_ms).sort((a, b) => a - b);
  const elapsed_ms = Math.max(...runs.map((run) => run.elapsed_ms));
  return {
    lanes: work.length,
    txs: finality_ms.length,
    tx_per_s: (finality_ms.length * 1000) / elapsed_ms,
    p50_ms: quantile(finality_ms, 0.5),
    p95_ms: quantile(finality_ms, 0.95),
    cores: runs.map((run) => run.cpu_ms / run.elapsed_ms),
    from,
    to,
  };
}

/** Of ascending values: the smallest that at least this part of them does not exceed. */
export function quantile(ascending: readonly number[], part: number): number {
  const value = ascending[Math.max(0, Math.ceil(ascending.length * part) - 1)];
  if (value === undefined) throw new RangeError('quantile of nothing');
  return value;
}
