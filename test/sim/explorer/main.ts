// `npx tsx test/sim/explorer/main.ts [--json]`: the states that were visited, and whether every one was.

import { explore } from './explore.ts';
import { MUTATIONS } from './mutants.ts';
import { MUTANT_BOUNDS, RUNS } from './runs.ts';

const json = process.argv.includes('--json');
const say = (text: string) => {
  if (!json) console.log(text);
};

const summary = { states: 0, violations: 0, incomplete: 0, mutants: MUTATIONS.length, caught: 0 };
for (const { name, options } of RUNS) {
  const { states, steps, violations, complete } = explore(options);
  summary.states += states;
  if (violations.length > 0) summary.violations += 1;
  else if (!complete) summary.incomplete += 1;
  say(`${name}: ${states} states, ${steps} steps, ${complete ? 'all of them' : 'NOT all'}`);
  for (const line of violations) console.error(`  ${line}`);
}
for (const mutation of MUTATIONS) {
  const { states, violations } = explore({ ...MUTANT_BOUNDS, mutation });
  if (violations.length > 0) summary.caught += 1;
  say(`mutant "${mutation.name}": ${violations[0] ?? 'NOT CAUGHT'} after ${states} states`);
}
console.log(JSON.stringify(summary));
const { violations, incomplete, mutants, caught } = summary;
if (violations + incomplete > 0 || caught < mutants) process.exitCode = 1;
