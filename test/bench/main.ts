// Runs a benchmark, or all of them, each in a process of its own:
//   npm run bench -- verify|ingest|store|scan|trace|chain|all [--quick] [--lots N] [--json]
// The last line is JSON. Exits with 0 when everything could be measured, whatever the figures.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { SuiteName } from '@suyuan/contracts';
import type { BenchReport } from './bench.ts';
import { BENCHES } from './benches.ts';
import { machine, table } from './table.ts';

const SUITES: readonly SuiteName[] = ['sm2', 'es256', 'ed25519'];
const ALL = 'all';
const LOTS_MIN = 10_000;
const LOTS_MAX = 100_000_000;
const REPORT_BYTES_MAX = 16 * 1024 * 1024;

const USAGE = `Usage: npm run bench -- BENCHMARK [--quick] [--suite NAME] [--lots N] [--json]

Benchmarks:
${BENCHES.map(({ name, about }) => `  ${name.padEnd(8)}${about}`).join('\n')}
  ${ALL.padEnd(8)}all of them, as rows for docs/benchmarks.md

  --quick   shorter runs, at most 50 s a benchmark, chain 4 min
  --suite   sm2, es256 or ed25519 only: for a profile (node --cpu-prof --import tsx test/bench/main.ts …)
  --lots    lots in the genealogy of trace: 10,000 to 100,000,000
  --json    standard output is one line of JSON; without it that line comes last
  --help    this text

Exits with 0 when everything was measured, 1 when something could not be, 2 on wrong use.
`;

interface Run {
  readonly suites: readonly SuiteName[];
  readonly quick: boolean;
  readonly json: boolean;
  readonly lots?: number;
}

async function runOne(name: string, { json, ...run }: Run): Promise<number> {
  const entry = BENCHES.find((b) => b.name === name);
  if (entry === undefined) return wrongUse(`Unknown benchmark: ${name}`);
  let report: BenchReport;
  try {
    const bench = await entry.load();
    report = await bench({ ...run, say: (line) => process.stderr.write(`${line}\n`) });
  } catch (error) {
    console.error(`${name} could not be measured:`, error);
    return 1;
  }
  if (!json) console.log(`\n${machine()}\n\n${table(report.rows)}\n`);
  console.log(JSON.stringify(report.json));
  return 0;
}

function runAll(run: Run): number {
  const reports: unknown[] = [];
  for (const { name } of BENCHES) {
    const args = ['--import', 'tsx', fileURLToPath(import.meta.url), name];
    if (run.quick) args.push('--quick');
    if (run.lots !== undefined) args.push('--lots', String(run.lots));
    for (const suite of run.suites) args.push('--suite', suite);
    const { status, stdout } = spawnSync(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
      encoding: 'utf8',
      maxBuffer: REPORT_BYTES_MAX,
    });
    if (status !== 0) return 1;
    const lines = stdout.trim().split('\n');
    reports.push(JSON.parse(lines.at(-1) ?? ''));
    if (!run.json) console.log(lines.slice(0, -1).join('\n'));
  }
  console.log(JSON.stringify({ bench: ALL, results: reports }));
  return 0;
}

function wrongUse(message: string): number {
  console.error(`${message}\n\n${USAGE}`);
  return 2;
}

function readArgs(args: string[]) {
  return parseArgs({
    args,
    allowPositionals: true,
    options: {
      quick: { type: 'boolean' },
      suite: { type: 'string', multiple: true },
      lots: { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
}

async function main(args: string[]): Promise<number> {
  let parsed: ReturnType<typeof readArgs>;
  try {
    parsed = readArgs(args);
  } catch (error) {
    return wrongUse(error instanceof Error ? error.message : String(error));
  }
  const { values, positionals } = parsed;
  if (values.help === true) {
    console.log(USAGE);
    return 0;
  }
  const [name, ...rest] = positionals;
  if (name === undefined || rest.length > 0) return wrongUse('Name one benchmark.');
  const suites = SUITES.filter((suite) => values.suite?.includes(suite) ?? true);
  if (suites.length < new Set(values.suite ?? suites).size) return wrongUse('Unknown suite.');
  const lots = values.lots === undefined ? undefined : Number(values.lots);
  if (lots !== undefined && !(Number.isInteger(lots) && lots >= LOTS_MIN && lots <= LOTS_MAX)) {
    return wrongUse(`--lots is a whole number from ${LOTS_MIN} to ${LOTS_MAX}.`);
  }
  const run = {
    suites,
    quick: values.quick === true,
    json: values.json === true,
    ...(lots === undefined ? {} : { lots }),
  };
  return name === ALL ? runAll(run) : runOne(name, run);
}

process.exitCode = await main(process.argv.slice(2));
