// Traces over a genealogy of a million lots and of ten, beside the same graph in PostgreSQL and beside the bare walk of the same
// edges. All three answer the same question, and the run fails unless they give the same lots.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openGraph, openStateDatabase, type StateDatabase, sweepScope } from '@suyuan/server';
import { type Bench, type BenchOptions, type BenchRow, thousands } from '../bench.ts';
import { median } from '../measure.ts';
import { firstLots, type Stage } from './genealogy.ts';
import { type Postgres, type Scope, type ScopeSums, startPostgres } from './postgres.ts';
import { type BareWalk, openBareWalk } from './walk.ts';

const BUILD = fileURLToPath(new URL('build.ts', import.meta.url));
const LOTS = [1_000_000, 10_000_000];
const QUICK_LOTS = [1_000_000];
const SCOPES: readonly Scope[] = ['forward', 'backward', 'recall'];
const SIZES = [10, 100, 1_000, 20_000, 100_000];
/** The scope that has floors. */
const FLOOR_SIZE = 20_000;
const POSTGRES_RATIO = 1.5;
const WALK_RATIO = 2;
const GROWTH_RATIO = 1.3;
const RSS_GROWTH_MAX = 64 * 1024 * 1024;
/** Of ours and of the walk in a round. */
const TURNS = 8;
/** Candidates for seeds of each kind of scope, from the middle of the graph on. */
const SEEDS_MAX = 20_000;

interface Result {
  readonly lots: number;
  readonly kind: Scope;
  readonly scope: number;
  readonly found: number;
  readonly seeds: number;
  readonly ours_ms: number;
  readonly postgres_ms: number;
  readonly walk_ms: number;
  readonly rss_growth_bytes: number;
}

/** Lots of a stage, so far apart, from somewhere in the graph on: of one grower, or of packs from many days. */
type Candidates = Readonly<Record<string, readonly number[]>>;

const WANTED: readonly { name: string; stage: Stage; from: number; every: number }[] = [
  { name: 'bags', stage: 'bag', from: 0.5, every: 7 },
  { name: 'mixes', stage: 'mix', from: 0.5, every: 3 },
  { name: 'harvests', stage: 'harvest', from: 0.5, every: 20 },
  { name: 'dried', stage: 'dry', from: 0.5, every: 10 },
  { name: 'packs', stage: 'pack', from: 0.8, every: 101 },
];

function candidatesOf(lots: number): Candidates {
  const found = new Map(WANTED.map(({ name }) => [name, [] as number[]]));
  const seen = new Map<string, number>();
  for (const { number, stage } of firstLots(lots)) {
    for (const { name, stage: wanted, from, every } of WANTED) {
      if (stage !== wanted || number < from * lots) continue;
      const n = seen.get(name) ?? 0;
      seen.set(name, n + 1);
      const list = found.get(name);
      if (n % every === 0 && list !== undefined && list.length < SEEDS_MAX) list.push(number);
    }
  }
  return Object.fromEntries(found);
}

function candidatesFor(all: Candidates, scope: Scope, size: number): readonly number[] {
  if (scope === 'backward') return all.packs ?? [];
  if (size <= 10) return all.bags ?? [];
  if (size <= 100) return all.mixes ?? [];
  return (scope === 'forward' ? all.harvests : all.dried) ?? [];
}

function ours(db: StateDatabase, scope: Scope, seeds: readonly number[], peak?: Peak): ScopeSums {
  return db.snapshot((at) => {
    const graph = openGraph(at);
    let lots = 0;
    let sum = 0;
    const recall = { ancestors: true, siblings: true };
    const swept =
      scope === 'backward'
        ? sweepScope(graph, seeds, { ancestors: true, descendants: false })
        : sweepScope(graph, seeds, scope === 'recall' ? recall : {});
    for (const { lots: numbers, made } of swept) {
      lots += numbers.length;
      for (const amount of made) sum += amount;
      peak?.look();
    }
    return { lots, made: sum };
  });
}

class Peak {
  readonly #before = process.memoryUsage.rss();
  #most = 0;

  look(): void {
    this.#most = Math.max(this.#most, process.memoryUsage.rss() - this.#before);
  }

  get growth_bytes(): number {
    this.look();
    return this.#most;
  }
}

/** The fewest candidates whose scope has at least about `size` lots: a scope only grows with its seeds. */
function seedsFor(db: StateDatabase, scope: Scope, size: number, from: readonly number[]) {
  // Doubling first, so that no trace is much larger than the one that is looked for.
  let high = 1;
  while (high < from.length && ours(db, scope, from.slice(0, high)).lots < size) high *= 2;
  let low = (high >> 1) + 1;
  high = Math.min(high, from.length);
  if (high === 1) low = 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ours(db, scope, from.slice(0, middle)).lots < size) low = middle + 1;
    else high = middle;
  }
  return from.slice(0, low);
}

interface Parts {
  readonly db: StateDatabase;
  readonly bare: BareWalk;
  readonly postgres: Postgres;
  readonly lots: number;
  readonly rounds: number;
}

function numbersOf(db: StateDatabase, scope: Scope, seeds: readonly number[]): number[] {
  return db.snapshot((at) => {
    const options =
      scope === 'recall'
        ? { ancestors: true, siblings: true }
        : scope === 'backward'
          ? { ancestors: true, descendants: false }
          : {};
    const swept = [...mapLots(sweepScope(openGraph(at), seeds, options))];
    return swept.sort((a, b) => a - b);
  });
}

function* mapLots(swept: Iterable<{ readonly lots: Uint32Array }>): Generator<number> {
  for (const { lots } of swept) yield* lots;
}

async function measure(parts: Parts, kind: Scope, size: number, from: readonly number[]) {
  const { db, bare, postgres, lots, rounds } = parts;
  // From before the first look at these lots on, so what a trace maps of the database counts too.
  const peak = new Peak();
  const seeds = seedsFor(db, kind, size, from);
  const sums = ours(db, kind, seeds, peak);
  const rss_growth_bytes = Math.max(0, peak.growth_bytes);
  const theirs = await postgres.numbers(kind, seeds);
  const found = numbersOf(db, kind, seeds);
  if (found.length !== theirs.length || found.some((n, i) => n !== theirs[i])) {
    throw new Error(`${kind} of ${size}: the two give other lots`);
  }
  const times = { ours: [] as number[], postgres: [] as number[], walk: [] as number[] };
  const check = (met: number): void => {
    if (met !== sums.lots) throw new Error(`${kind} of ${size}: ${met} lots, not ${sums.lots}`);
  };
  // The first of each is not counted: caches and code warm up. Ours and the walk are short, so they run often.
  for (let round = 0; round <= rounds; round++) {
    for (let turn = 0; turn < TURNS; turn++) {
      // Whoever comes second finds the pages in the processor's caches: they take turns.
      const before = turn % 2 === 1 ? timed(() => bare.walk(kind, seeds)) : undefined;
      const own = timed(() => ours(db, kind, seeds));
      const walk = before ?? timed(() => bare.walk(kind, seeds));
      check(own.result.lots);
      check(walk.result);
      if (round === 0) continue;
      times.ours.push(own.time_ms);
      times.walk.push(walk.time_ms);
    }
    const begin = performance.now();
    const other = await postgres.sums(kind, seeds);
    check(other.lots);
    if (other.made !== sums.made) throw new Error(`${kind} of ${size}: the sums differ`);
    if (round > 0) times.postgres.push(performance.now() - begin);
  }
  const result: Result = {
    lots,
    kind,
    scope: size,
    found: sums.lots,
    seeds: seeds.length,
    ours_ms: rounded(median(times.ours)),
    postgres_ms: rounded(median(times.postgres)),
    walk_ms: rounded(median(times.walk)),
    rss_growth_bytes,
  };
  return result;
}

function timed<T>(run: () => T): { readonly result: T; readonly time_ms: number } {
  const start = performance.now();
  const result = run();
  return { result, time_ms: performance.now() - start };
}

function rounded(time_ms: number): number {
  return Number(time_ms.toFixed(3));
}

async function built(directory: string, lots: number): Promise<void> {
  const child = spawn(process.execPath, ['--import', 'tsx', BUILD, directory, String(lots)], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error('the index could not be built');
}

async function measureAll(lots: number, { quick, say }: BenchOptions): Promise<Result[]> {
  const directory = await mkdtemp(join(tmpdir(), 'suyuan-bench-'));
  // PostgreSQL runs as another user and has a directory of its own in here.
  await chmod(directory, 0o711);
  const results: Result[] = [];
  const close: (() => Promise<unknown>)[] = [];
  try {
    const state = join(directory, 'state');
    const start = performance.now();
    const building = built(state, lots).then(() => performance.now());
    building.catch(() => {});
    const postgres = await startPostgres(directory);
    close.push(() => postgres.stop());
    await postgres.load(lots);
    const loaded = performance.now();
    const all = candidatesOf(lots);
    const done = await building;
    say(
      `trace: ${thousands(lots)} lots indexed in ${Math.round(done - start)} ms, in PostgreSQL ${postgres.version} in ${Math.round(loaded - start)} ms`,
    );
    const db = await openStateDatabase(state);
    close.push(() => db.close());
    const bare = await openBareWalk(state, lots);
    close.push(() => bare.close());
    for (const size of SIZES) {
      for (const kind of SCOPES) {
        const rounds = quick ? 3 : 9;
        const parts = { db, bare, postgres, lots, rounds };
        const result = await measure(parts, kind, size, candidatesFor(all, kind, size));
        say(`trace: ${JSON.stringify(result)}`);
        results.push(result);
      }
    }
  } finally {
    for (const each of close.reverse()) await each();
    await rm(directory, { recursive: true, force: true });
  }
  return results;
}

function rowsOf(results: readonly Result[]): BenchRow[] {
  return results.map((result) => {
    const { lots, kind, scope, found, seeds, ours_ms, postgres_ms, walk_ms } = result;
    const faster = postgres_ms / ours_ms;
    const beyond = ours_ms / walk_ms;
    const small = results.find((r) => r.lots < lots && r.kind === kind && r.scope === scope);
    const slower = small === undefined ? undefined : ours_ms / small.ours_ms;
    const hasFloor = scope === FLOOR_SIZE;
    const rss_MiB = result.rss_growth_bytes / 2 ** 20;
    return {
      what: `trace ${kind}, ${thousands(found)} of ${thousands(lots)} lots from ${seeds} seed${seeds === 1 ? '' : 's'}`,
      figure: `${ours_ms.toFixed(2)} ms, memory + ${rss_MiB.toFixed(1)} MiB`,
      beside: `PostgreSQL ${postgres_ms.toFixed(2)} ms (× ${faster.toFixed(1)}), bare walk ${walk_ms.toFixed(2)} ms (× ${beyond.toFixed(2)})${slower === undefined ? '' : `, × ${slower.toFixed(2)} the time at ${thousands(small?.lots ?? 0)}`}`,
      floor: hasFloor
        ? `PostgreSQL × ${POSTGRES_RATIO}, walk × ${WALK_RATIO}, 64 MiB${slower === undefined ? '' : `, × ${GROWTH_RATIO}`}`
        : '64 MiB',
      met:
        result.rss_growth_bytes <= RSS_GROWTH_MAX &&
        (!hasFloor ||
          (faster >= POSTGRES_RATIO && beyond <= WALK_RATIO && (slower ?? 1) <= GROWTH_RATIO)),
    };
  });
}

async function run(options: BenchOptions) {
  const counts = options.lots === undefined ? (options.quick ? QUICK_LOTS : LOTS) : [options.lots];
  const results: Result[] = [];
  for (const lots of counts) results.push(...(await measureAll(lots, options)));
  return { json: { bench: 'trace', results }, rows: rowsOf(results) };
}

export const traceBench: Bench = run;
