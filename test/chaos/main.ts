// Real processes, really killed: npm run chaos -- validators [--rounds N] [--seed S] [--profile NAME] [--json] [--keep]
// The last line is JSON. Exits with 0 when nothing forked and nothing was lost.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isProfile } from '@suyuan/contracts';
import { runValidators } from './validators.ts';

const USAGE = `Usage: npm run chaos -- validators [--rounds N] [--seed S] [--profile NAME] [--json] [--keep]

  --rounds   how often one validator or two are killed (20)
  --seed     the choices of a run again; what the machine does in between stays its own
  --profile  international or guomi
  --only     rounds, partitions or disk-full: nothing else
  --json     standard output is one line of JSON; without it that line comes last
  --keep     leaves data and logs of the processes where they are
  --help     this text

Exits with 0 when the chain did what it must, 1 when it did not, 2 on wrong use.
`;
const ROUNDS_MAX = 100_000;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '20' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      profile: { type: 'string', default: 'international' },
      only: { type: 'string' },
      json: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const rounds = Number(values.rounds);
  const seed = Number(values.seed);
  const { profile, only } = values;
  if (positionals.length !== 1 || positionals[0] !== 'validators') return wrongUse();
  if (!Number.isSafeInteger(rounds) || rounds < 0 || rounds > ROUNDS_MAX) return wrongUse();
  if (!Number.isSafeInteger(seed) || !isProfile(profile)) return wrongUse();
  if (only !== undefined && !['rounds', 'partitions', 'disk-full'].includes(only))
    return wrongUse();
  const directory = await mkdtemp(join(tmpdir(), 'suyuan-chaos-'));
  const say = (line: string): void =>
    void (values.json ? process.stderr : process.stdout).write(`${line}\n`);
  const report = await runValidators({
    directory,
    rounds,
    seed,
    profile,
    say,
    ...(only === undefined ? {} : { only }),
  });
  if (values.keep || report.failures.length > 0) say(`data and logs: ${directory}`);
  else await rm(directory, { recursive: true, force: true });
  console.log(JSON.stringify(report));
  return report.failures.length === 0 ? 0 : 1;
}

function wrongUse(): number {
  process.stderr.write(USAGE);
  return 2;
}

// So that what was set up for the run is taken down.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.exitCode = await main().catch((error: unknown) => {
  console.error(error);
  return 1;
});
