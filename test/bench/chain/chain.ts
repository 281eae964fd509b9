// Four validators as processes: how many transactions a second they agree on and how soon, what a block costs, what an idle chain costs,
// how a validator that was down catches up, and what a large state changes.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Profile } from '@suyuan/contracts';
import { type Bench, type BenchOptions, type BenchRow, thousands } from '../bench.ts';
import { type BareCost, bareCost } from './bare.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { type LoadResult, lotNumbers, runLoad, settleGrowers } from './load.ts';
import { createTrade } from './trade.ts';

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
const IDLE_MAX_PCT = 3;
const IDLE_MS = 20_000;
/** The last votes and what follows from them. */
const CALM_MS = 3_000;

interface ProfileResult {
  readonly plan: Plan;
  readonly sustained: LoadResult;
  readonly tried: readonly LoadResult[];
  readonly txs_per_block: number;
  readonly bytes_per_block: number;
  readonly blocks_per_s: number;
  readonly idle_pct: readonly number[];
  readonly bare: BareCost;
}

export const chainBench: Bench = async (options) => {
  const { quick, suites, say } = options;
  const results: ProfileResult[] = [];
  for (const plan of PLANS) {
    if (!suites.includes(plan.suite)) continue;
    const directory = await mkdtemp(join(tmpdir(), 'suyuan-bench-chain-'));
    try {
      const fleet = await startFleet({ directory, profile: plan.profile });
      try {
        results.push(await measure(fleet, plan, options));
        await fleet.stop();
      } finally {
        fleet.kill();
      }
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }
  void quick;
  void say;
  return {
    json: { bench: 'chain', results: results.map(toJson) },
    rows: results.flatMap(toRows),
  };
};

async function measure(
  fleet: Fleet,
  plan: Plan,
  { quick, say }: BenchOptions,
): Promise<ProfileResult> {
  const { profile, windows, most_per_s, p95_max_ms } = plan;
  const trade = createTrade(profile);
  const numbers = lotNumbers();
  say(`chain ${profile}: the growers settle`);
  await settleGrowers(fleet, trade);
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
  ];
}
