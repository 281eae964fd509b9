// Runs a conformance suite over a folder of vectors:
//   npm run conformance -- merkle [--vectors DIR] [--json]
// Exits with 0 only when something ran and nothing failed.

import { existsSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { CaseResult, Outcome, Suite } from './suite.ts';
import { SUITES } from './suites.ts';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const DEFAULT_VECTORS = resolve(ROOT, '../shared/vectors');

const USAGE = `Usage: npm run conformance -- SUITE [--vectors DIR] [--json]

Suites:
${SUITES.map(({ name, about }) => `  ${name.padEnd(14)}${about}`).join('\n')}

  --vectors DIR   folder of vectors (default ${relative(ROOT, DEFAULT_VECTORS)} beside the project)
  --json          standard output is one line: {"suite":…,"passed":n,"failed":n,"skipped":n}
  --help          this text

Exits with 0 when at least one case ran and none failed, 1 when a case failed or none ran, 2 on wrong use.
`;

function report(suite: Suite, results: readonly CaseResult[], json: boolean): boolean {
  const count = (outcome: Outcome): number => results.filter((r) => r.outcome === outcome).length;
  const [passed, failed, skipped] = [count('passed'), count('failed'), count('skipped')];
  const show = json ? console.error : console.log;
  for (const { file, name, outcome, reason } of results) {
    if (outcome === 'failed') show(`FAILED   ${file}: ${name}: ${reason}`);
    if (outcome === 'skipped') show(`skipped  ${file}: ${name}: ${reason}`);
    if (outcome === 'passed' && reason !== undefined) show(`passed   ${file}: ${name} (${reason})`);
  }
  if (passed + failed === 0) show('No case ran: look at --vectors.');
  if (json) console.log(JSON.stringify({ suite: suite.name, passed, failed, skipped }));
  else console.log(`${suite.name}: ${passed} passed, ${failed} failed, ${skipped} skipped`);
  return failed === 0 && passed > 0;
}

function wrongUse(message: string): number {
  console.error(`${message}\n\n${USAGE}`);
  return 2;
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
  const suite = SUITES.find((s) => s.name === name);
  if (suite === undefined || rest.length > 0) {
    return wrongUse(
      name === undefined ? 'Name a suite.' : `Unknown suite: ${positionals.join(' ')}`,
    );
  }
  const dir = values.vectors === undefined ? DEFAULT_VECTORS : resolve(values.vectors);
  let results: CaseResult[] = [];
  if (existsSync(dir)) results = await suite.run(dir);
  else
    console.error(`The folder of vectors ${dir} does not exist: name another with --vectors DIR.`);
  return report(suite, results, values.json === true) ? 0 : 1;
}

function readArgs(args: string[]) {
  return parseArgs({
    args,
    allowPositionals: true,
    options: {
      vectors: { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
}

process.exitCode = await main(process.argv.slice(2));
