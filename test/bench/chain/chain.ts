// Four validators as processes: how many transactions a second they agree on and how soon, what a block costs, what an idle chain costs,
// how a validator that was down catches up, and what a large state changes.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Profile } from '@suyuan/contracts';
import type { SimplexOptions } from '@suyuan/server';
import { type Bench, type BenchOptions, type BenchRow, thousands } from '../bench.ts';
import { BACKLOG_SIMPLEX, type BacklogCost, measureBacklog } from './backlog.ts';
import { type BareCost, bareCost } from './bare.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { GROWTH_TXS, type GrowthStep, measureGrowth } from './growth.ts';
import { type LoadResult, lotNumbers, runLoad, settleGrowers } from './load.ts';
import { openSingle } from './single.ts';
import { createTrade, GROWERS } from './trade.ts';

interface Plan {
  readonly profile: Profile;
  readonly suite: 'ed25519' | 'sm2';
  /** Lots in work at once that are tried. */
  readonly windows: readonly number[];
  readonly most_per_s: number;
  readonly floor_per_s: number;
  readonly p95_max_ms: number;
  /** Of the bare cost. */
  readonly lots: number;
}

const PLANS: readonly Plan[] = [
  {
    ...{ profile: 'international', suite: 'ed25519', windows: [100, 200, 400, 800] },
    ...{ most_per_s: 2000, floor_per_s: 800, p95_max_ms: 1000, lots: 2000 },
  },
  {
    ...{ profile: 'guomi', suite: 'sm2', windows: [50, 100, 200, 400] },
    ...{ most_per_s: 450, floor_per_s: 150, p95_max_ms: 2000, lots: 300 },
  },
];
/** Lots in the state. */
const SIZES = [1_000, 10_000, 100_000, 1_000_000];
const IDLE_MAX_PCT = 3;
const IDLE_MS = 20_000;
/** The last votes and what follows from them. */
const CALM_MS = 3_000;
const WARM_MS = 600_000;

interface LoadFigures {
  readonly plan: Plan;
  readonly sustained: LoadResult;
  readonly tried: readonly LoadResult[];
  readonly txs_per_block: number;
  readonly bytes_per_block: number;
  readonly blocks_per_s: number;
  readonly idle_pct: readonly number[];
  readonly bare: BareCost;
}

interface ProfileResult extends LoadFigures {
  readonly backlog: readonly BacklogCost[];
  readonly growth: readonly GrowthStep[];
}

export const chainBench: Bench = async (options) => {
  const results: ProfileResult[] = [];
  for (const plan of PLANS) {
    if (!options.suites.includes(plan.suite)) continue;
    const { profile } = plan;
    const load = await withFleet(profile, {}, (fleet) => measure(fleet, plan, options));
    const backlog = await measureBacklogs(profile, options);
    // Of SM2 the signatures alone would take hours.
    const growth = profile === 'international' ? await growthOf(profile, options) : [];
    results.push({ ...load, backlog, growth });
  }
  return {
    json: { bench: 'chain', results: results.map(toJson) },
    rows: results.flatMap(toRows),
  };
};

async function inDirectory<T>(act: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'suyuan-bench-chain-'));
  try {
    return await act(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function withFleet<T>(
  profile: Profile,
  simplex: Partial<SimplexOptions>,
  act: (fleet: Fleet) => Promise<T>,
): Promise<T> {
  return inDirectory(async (directory) => {
    const fleet = await startFleet({ directory, profile, simplex });
    try {
      const result = await act(fleet);
      await fleet.stop();
      return result;
    } finally {
      fleet.kill();
    }
  });
}

function measureBacklogs(profile: Profile, { quick, say }: BenchOptions): Promise<BacklogCost[]> {
  return withFleet(profile, BACKLOG_SIMPLEX, async (fleet) => {
    const trade = createTrade(profile);
    const numbers = lotNumbers();
    await settleGrowers(fleet, trade);
    const costs: BacklogCost[] = [];
    for (const blocks of quick ? [1, 100] : [1, 100, 1000]) {
      const cost = await measureBacklog(fleet, trade, numbers, blocks);
      say(`chain ${profile}: behind by ${JSON.stringify(cost)}`);
      costs.push(cost);
    }
    return costs;
  });
}

function growthOf(profile: Profile, { quick, say }: BenchOptions): Promise<GrowthStep[]> {
  return inDirectory(async (directory) => {
    const single = await openSingle(directory, profile);
    try {
      return await measureGrowth(single, quick ? SIZES.slice(0, 2) : SIZES, say);
    } finally {
      await single.close();
    }
  });
}

async function measure(
  fleet: Fleet,
  plan: Plan,
  { quick, say }: BenchOptions,
): Promise<LoadFigures> {
  const { profile, windows, most_per_s, p95_max_ms } = plan;
  const trade = createTrade(profile);
  const numbers = lotNumbers();
  say(`chain ${profile}: the growers settle`);
  await settleGrowers(fleet, trade);
  // Two lots of each: a validator makes a table of every key that it meets more than once, and compiles what runs often.
  const warm = { lanes: GROWERS, time_ms: WARM_MS, most_per_s: 0 };
  await runLoad(fleet, { trade, numbers, ...warm });
  await runLoad(fleet, { trade, numbers, ...warm });
  const tried: LoadResult[] = [];
  for (const lanes of quick ? windows.slice(1, 3) : windows) {
    const time_ms = quick ? 3_000 : 6_000;
    const result = await runLoad(fleet, { trade, numbers, lanes, time_ms, most_per_s });
    say(`chain ${profile}: ${tell(result)}`);
    tried.push(result);
  }
  const best = bestOf(tried, p95_max_ms);
  const sustained = await runLoad(fleet, {
    ...{ trade, numbers, lanes: best.lanes },
    time_ms: quick ? 10_000 : 60_000,
    most_per_s: 2.5 * best.tx_per_s,
  });
  say(`chain ${profile}: sustained ${tell(sustained)}`);
  const { from, to } = sustained;
  const bare = bareCost(profile, plan.lots);
  const weighed = await fleet.validators[0]!.ask<'weigh'>({ order: 'weigh', from, to });
  await fleet.all<'rest'>(() => ({ order: 'rest', time_ms: CALM_MS }));
  const idle = await fleet.all<'rest'>(() => ({ order: 'rest', time_ms: IDLE_MS }));
  return {
    ...{ plan, sustained, tried, bare },
    txs_per_block: weighed.txs / weighed.blocks,
    bytes_per_block: weighed.bytes / weighed.blocks,
    blocks_per_s: (weighed.blocks * sustained.tx_per_s) / sustained.txs,
    idle_pct: idle.map(({ cpu_ms, elapsed_ms }) => (100 * cpu_ms) / elapsed_ms),
  };
}

/** The highest rate whose p95 is within the limit; where none is, the one with the least p95. */
function bestOf(tried: readonly LoadResult[], p95_max_ms: number): LoadResult {
  const within = tried.filter(({ p95_ms }) => p95_ms <= p95_max_ms);
  const sorted =
    within.length > 0
      ? within.sort((a, b) => b.tx_per_s - a.tx_per_s)
      : [...tried].sort((a, b) => a.p95_ms - b.p95_ms);
  return sorted[0]!;
}

function tell({ lanes, tx_per_s, p50_ms, p95_ms, cores, from, to }: LoadResult): string {
  const used = cores.map((part) => part.toFixed(2)).join(' ');
  return `${lanes} lots in work: ${thousands(tx_per_s)} tx/s, finality p50 ${thousands(p50_ms)} ms, p95 ${thousands(p95_ms)} ms, ${to - from} blocks, cores ${used}`;
}

const round = (value: number, digits = 0): number => Number(value.toFixed(digits));
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Of all validators together, for each transaction. */
function us_per_tx({ tx_per_s, cores }: LoadResult): number {
  return (mean(cores) * 1_000_000) / tx_per_s;
}

function toJson(result: ProfileResult): Record<string, unknown> {
  const { plan, sustained, bare, tried } = result;
  return {
    profile: plan.profile,
    tx_per_s: round(sustained.tx_per_s),
    finality_p50_ms: round(sustained.p50_ms),
    finality_p95_ms: round(sustained.p95_ms),
    idle_cpu_pct: round(Math.max(...result.idle_pct), 2),
    lots_in_work: sustained.lanes,
    txs: sustained.txs,
    txs_per_block: round(result.txs_per_block, 1),
    bytes_per_block: round(result.bytes_per_block),
    blocks_per_s: round(result.blocks_per_s, 1),
    cores_per_validator: sustained.cores.map((part) => round(part, 3)),
    us_per_tx: round(us_per_tx(sustained)),
    bare_tx_per_s: round(bare.tx_per_s),
    bare_us_per_tx: round(bare.us_per_tx),
    backlog: result.backlog.map(({ blocks, txs, elapsed_ms, cpu_ms }) => ({
      ...{ blocks, txs },
      elapsed_ms: round(elapsed_ms),
      cpu_ms: round(cpu_ms),
    })),
    growth: result.growth.map((step) => ({
      lots: step.lots,
      execute_ms: round(step.execute_ms, 1),
      commit_ms: round(step.commit_ms, 1),
      execute_cpu_ms: round(step.execute_cpu_ms, 1),
      commit_cpu_ms: round(step.commit_cpu_ms, 1),
      tx_per_s: round(step.tx_per_s),
    })),
    tried: tried.map(({ lanes, tx_per_s, p95_ms }) => ({
      lots_in_work: lanes,
      tx_per_s: round(tx_per_s),
      finality_p95_ms: round(p95_ms),
    })),
  };
}

function toRows(result: ProfileResult): BenchRow[] {
  const { plan, sustained, bare, idle_pct } = result;
  const { profile, floor_per_s, p95_max_ms } = plan;
  const idle = Math.max(...idle_pct);
  const load = `${thousands(sustained.tx_per_s)} tx/s, finality p50 ${thousands(sustained.p50_ms)} ms, p95 ${thousands(sustained.p95_ms)} ms`;
  return [
    {
      what: `chain ${profile}, ${sustained.lanes} lots in work, ${thousands(sustained.txs)} transactions`,
      figure: load,
      beside: `verified and executed bare on one core: ${thousands(bare.tx_per_s)}/s`,
      floor: `${thousands(floor_per_s)} tx/s, p95 ${thousands(p95_max_ms)} ms`,
      met: sustained.tx_per_s >= floor_per_s && sustained.p95_ms <= p95_max_ms,
    },
    {
      what: `chain ${profile}, cost`,
      figure: `${thousands(us_per_tx(sustained))} µs of processor a transaction and validator; ${mean(sustained.cores).toFixed(2)} cores a validator`,
      beside: `bare: ${thousands(bare.us_per_tx)} µs (× ${(us_per_tx(sustained) / bare.us_per_tx).toFixed(2)})`,
      floor: '–',
      met: undefined,
    },
    {
      what: `chain ${profile}, blocks`,
      figure: `${result.blocks_per_s.toFixed(1)}/s of ${thousands(result.txs_per_block)} transactions and ${thousands(result.bytes_per_block)} bytes`,
      beside: '–',
      floor: '–',
      met: undefined,
    },
    {
      what: `chain ${profile}, idle`,
      figure: `${idle.toFixed(2)} % of a core a validator, at most`,
      beside: '–',
      floor: `≤ ${IDLE_MAX_PCT} %`,
      met: idle <= IDLE_MAX_PCT,
    },
    ...result.backlog.map(
      (cost): BenchRow => ({
        what: `chain ${profile}, a validator behind by ${thousands(cost.blocks)} blocks (${thousands(cost.txs)} transactions)`,
        figure: `${thousands(cost.elapsed_ms)} ms, ${thousands((1000 * cost.blocks) / cost.elapsed_ms)} blocks/s, ${thousands(cost.cpu_ms)} ms of processor`,
        ...{ beside: '–', floor: '–', met: undefined },
      }),
    ),
    ...result.growth.map(
      (step): BenchRow => ({
        what: `chain ${profile}, a block of ${GROWTH_TXS} upon ${thousands(step.lots)} lots`,
        figure: `execute ${step.execute_ms.toFixed(0)} ms, commit ${step.commit_ms.toFixed(0)} ms (processor ${step.execute_cpu_ms.toFixed(0)} and ${step.commit_cpu_ms.toFixed(0)} ms); ${thousands(step.tx_per_s)} tx/s, verified, one node alone`,
        ...{ beside: '–', floor: '–', met: undefined },
      }),
    ),
  ];
}
