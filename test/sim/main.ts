// `npm run sim -- --seeds N [--from S] [--profile P] [--json]` and `npm run sim -- --mutants [--json]`. Exit code 1 on a violation or a
// mutant that is not caught.

import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { runMutants, runSeeds } from './runner/seeds.ts';
import type { SeedResult } from './runner/types.ts';
import { PROFILES } from './world/profiles.ts';

const THREADS = 2;
/** A mutant must be caught within so many seeds. */
const MUTANT_SEEDS = 2000;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    profile: { type: 'string' },
    threads: { type: 'string', default: String(THREADS) },
    mutants: { type: 'boolean', default: false },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

const profile = PROFILES.find(({ name }) => name === values.profile)?.name;
if (values.profile !== undefined && profile === undefined) {
  console.error(
    `There is no profile ${values.profile}; there are: ${PROFILES.map(({ name }) => name).join(', ')}.`,
  );
  process.exit(1);
}
const whole = (text: string, name: string): number => {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  console.error(`--${name} takes a whole number, not ${text}.`);
  process.exit(1);
};
const threads = Math.max(1, whole(values.threads, 'threads'));
if (values.mutants) await mutants();
else await seeds();

async function seeds(): Promise<void> {
  const began_ms = performance.now();
  const count = whole(values.seeds, 'seeds');
  const from = whole(values.from, 'from');
  let done = 0;
  const summary = await runSeeds({
    name: 'seeds',
    from,
    seeds: count,
    threads,
    profile,
    onResult() {
      done += 1;
      if (done % 500 === 0) console.log(`${done} of ${count} seeds`);
    },
  });
  for (const result of summary.violations) tell(result);
  const took_s = ((performance.now() - began_ms) / 1000).toFixed(1);
  console.log(
    `${summary.seeds} seeds from ${from}, ${summary.steps} events, ${summary.blocks} blocks in ${took_s} s: ${summary.violations.length} violations`,
  );
  if (values.json) {
    const { violations, steps, blocks } = summary;
    console.log(
      JSON.stringify({ seeds: summary.seeds, violations: violations.length, steps, blocks }),
    );
  }
  process.exitCode = summary.violations.length > 0 ? 1 : 0;
}

async function mutants(): Promise<void> {
  const began_ms = performance.now();
  const limit = Math.min(
    MUTANT_SEEDS,
    whole(values.seeds, 'seeds') === 100 ? MUTANT_SEEDS : whole(values.seeds, 'seeds'),
  );
  const results = await runMutants(
    { seeds: limit, threads, only: values.only },
    ({ mutant, caughtBy, control, seeds: tried }) => {
      let how = `NOT CAUGHT in ${tried} seeds`;
      if (caughtBy?.violation !== undefined) {
        how = `caught by seed ${caughtBy.seed} (${caughtBy.violation.invariant})`;
      } else if (control?.violation !== undefined) {
        how = `NOT CAUGHT: without the bug seed ${control.seed} fails too (${control.violation.invariant})`;
      }
      console.log(`${mutant.name}: ${how}`);
    },
  );
  const caught = results.filter(({ caughtBy }) => caughtBy !== undefined).length;
  const took_s = ((performance.now() - began_ms) / 1000).toFixed(1);
  console.log(`${caught} of ${results.length} mutants caught in ${took_s} s`);
  if (values.json) console.log(JSON.stringify({ mutants: results.length, caught }));
  process.exitCode = caught < results.length ? 1 : 0;
}

function tell({ seed, profile: drawn, plan, violation, lines, trace }: SeedResult): void {
  for (const line of lines) console.log(line);
  console.error(
    `violation of ${violation?.invariant}: ${violation?.message}\n  seed ${seed}, profile ${drawn}, ${plan}, trace ${trace}, commit ${commit()}\n  again: npm run sim -- --from ${seed} --seeds 1${values.profile === undefined ? '' : ` --profile ${values.profile}`}`,
  );
}

function commit(): string {
  try {
    const run = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim();
    return `${run('rev-parse', 'HEAD')}${run('status', '--porcelain', '--untracked-files=no') === '' ? '' : ' with changes'}`;
  } catch {
    return 'unknown';
  }
}
