// Runs dependency-cruiser and fails when it cruised nothing: with a TypeScript it does not know it sees 0 modules and exits 0.
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { cruise } from 'dependency-cruiser';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
const config = createRequire(import.meta.url)('../.dependency-cruiser.cjs');
const ROOMS = [
  'contracts',
  'durable',
  'paper',
  'gateway',
  'server',
  'firmware-sim',
  'web',
  'cli',
  'test',
];
const MODULES_MIN = 100;

const { output } = await cruise(ROOMS, { ruleSet: config, validate: true, ...config.options });
const { modules, summary } = output;
for (const { rule, from, to } of summary.violations) console.error(`${rule.name}: ${from} → ${to}`);
const own = modules.filter(({ source }) => ROOMS.some((room) => source.startsWith(`${room}/`)));
const unseen = ROOMS.filter(
  (room) =>
    readdirSync(room).length > 0 && !own.some(({ source }) => source.startsWith(`${room}/`)),
);
console.log(
  `imports: ${own.length} modules, ${summary.totalDependenciesCruised} dependencies, ${summary.error} violations`,
);
if (own.length < MODULES_MIN || unseen.length > 0) {
  console.error(
    `imports: too little was seen to judge (${own.length} modules; nothing of: ${unseen.join(', ') || '-'})`,
  );
  process.exit(1);
}
process.exit(summary.error > 0 ? 1 : 0);
