// What a large state changes: the same blocks upon 10³ to 10⁶ lots. The lots come in through blocks as any lot does: harvests that their
// growers split into 64 each, so that a transaction makes many.

import type { SingleLedger } from './single.ts';
import { GROWERS } from './trade.ts';

export interface GrowthStep {
  readonly lots: number;
  /** Of a block of `TXS` transactions: processor time and the time it took. */
  readonly execute_ms: number;
  readonly commit_ms: number;
  readonly execute_cpu_ms: number;
  readonly commit_cpu_ms: number;
  /** Of one core, with verification. */
  readonly tx_per_s: number;
}

const PARTS = 64;
const HARVESTS_PER_ROUND = 600;
/** About as many as the writes of one block allow. */
const SPLITS_PER_BLOCK = 70;
const TXS = 200;
const ROUNDS = 3;

/** Measures at each of the sizes, ascending. */
export async function measureGrowth(
  single: SingleLedger,
  sizes: readonly number[],
  say: (line: string) => void,
): Promise<GrowthStep[]> {
  const { trade, ledger } = single;
  await single.receive(trade.beginnings().slice(0, 1));
  await single.makeBlock();
  await single.receive(trade.beginnings().slice(1));
  await single.makeBlock();
  const settling = Array.from({ length: GROWERS }, (_, grower) => trade.settle(grower));
  for (const step of [0, 1]) {
    await take(settling.map((txs) => txs[step]!));
  }
  let lots = 0;
  let harvests = 0;
  let n = 0;

  async function take(txs: readonly Uint8Array[]): Promise<void> {
    await single.receive(txs);
    while (ledger.totals().mempool > 0) await single.makeBlock();
  }

  async function grow(size: number): Promise<void> {
    while (lots < size) {
      const count = Math.min(HARVESTS_PER_ROUND, Math.ceil((size - lots) / (PARTS + 1)));
      const numbers = Array.from({ length: count }, (_, i) => harvests + i);
      const height = ledger.height();
      await take(numbers.map((i) => trade.harvest(i % GROWERS, `G-${i}`, PARTS, height)));
      const splits = numbers.map((i) => {
        const parts = Array.from({ length: PARTS }, (_, part) => `G-${i}-${part}`);
        return trade.split(i % GROWERS, `G-${i}`, parts, height);
      });
      for (let at = 0; at < splits.length; at += SPLITS_PER_BLOCK) {
        await take(splits.slice(at, at + SPLITS_PER_BLOCK));
      }
      harvests += count;
      lots += count * (PARTS + 1);
    }
  }

  const steps: GrowthStep[] = [];
  for (const size of sizes) {
    await grow(size);
    const sum = {
      txs: 0,
      blocks: 0,
      receive: 0,
      execute: 0,
      commit: 0,
      executeCpu: 0,
      commitCpu: 0,
    };
    for (let round = 0; round < ROUNDS; round += 1) {
      const work = Array.from({ length: TXS }, (_, i) => trade.lot(i, n, ledger.height()));
      n += 1;
      for (const step of [0, 1, 2]) {
        sum.receive += (await single.receive(work.map((txs) => txs[step]!))).elapsed_ms;
        const { txs, execute, commit } = await single.makeBlock();
        sum.txs += txs;
        sum.blocks += 1;
        sum.execute += execute.elapsed_ms;
        sum.commit += commit.elapsed_ms;
        sum.executeCpu += execute.cpu_ms;
        sum.commitCpu += commit.cpu_ms;
      }
    }
    lots += ROUNDS * 2 * TXS;
    steps.push({
      lots: size,
      execute_ms: sum.execute / sum.blocks,
      commit_ms: sum.commit / sum.blocks,
      execute_cpu_ms: sum.executeCpu / sum.blocks,
      commit_cpu_ms: sum.commitCpu / sum.blocks,
      tx_per_s: (1000 * sum.txs) / (sum.receive + sum.execute + sum.commit),
    });
    say(`chain growth: ${JSON.stringify(steps.at(-1))}`);
  }
  return steps;
}

export { TXS as GROWTH_TXS };
