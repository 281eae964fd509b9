// `npm test`: what the machine must have, then every check, then the tests; ends with one line "N passed, N failed". Plain
// JavaScript, for it runs before anything is known to work. Nothing is skipped silently: what was not run for want of inputs is
// said in the last lines.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const VECTORS = join(root, '..', 'shared', 'vectors');
const LOGGER_FILE = join(root, '..', 'shared', 'data', 'museum-store-2024.csv.gz');

const PACKAGES = [
  { name: 'chromium', programs: ['chromium', 'chromium-browser', 'google-chrome'] },
  { name: 'mosquitto', programs: ['mosquitto', '/usr/sbin/mosquitto'] },
  { name: 'mosquitto-clients', programs: ['mosquitto_pub'] },
  { name: 'poppler-utils', programs: ['pdftoppm'] },
  { name: 'postgresql-15', files: ['/usr/lib/postgresql/15/bin/initdb'] },
  { name: 'fonts-noto-cjk', files: ['/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc'] },
];

function run(command, args, options = {}) {
  return spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
}

function has({ programs = [], files = [] }) {
  const found = programs.some((program) =>
    program.startsWith('/') ? existsSync(program) : spawnSync('which', [program]).status === 0,
  );
  return found || files.some((file) => existsSync(file));
}

/** Installs what is missing where it may; otherwise prints the exact command and ends the run as failed. */
function requirePackages() {
  const missing = PACKAGES.filter((entry) => !has(entry)).map(({ name }) => name);
  if (missing.length === 0) return;
  const command = `apt-get update && apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  const isRoot = process.getuid?.() === 0;
  if (isRoot && spawnSync('which', ['apt-get']).status === 0) {
    console.log(`tests need ${missing.join(', ')}; installing from Debian`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    // A broker that the package starts by itself would hold the default port.
    const quiet = { env, stdio: ['ignore', 'ignore', 'inherit'] };
    if (run('sh', ['-c', command], quiet).status === 0 && PACKAGES.every(has)) return;
  }
  console.error(
    `tests need ${missing.join(', ')}. Install them with:\n\n  sudo sh -c '${command}'\n`,
  );
  finish(0, 1);
}

function finish(passed, failed) {
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exit(failed === 0 && passed > 0 ? 0 : 1);
}

const notRun = [];
let passed = 0;
let failed = 0;

function step(title, command, args) {
  console.log(`\n── ${title}`);
  const ok = run(command, args).status === 0;
  if (ok) passed += 1;
  else failed += 1;
  return ok;
}

const bin = (name) => join(root, 'node_modules', '.bin', name);

if (!existsSync(bin('vitest'))) {
  console.error('The packages are not installed. Run: npm install');
  finish(0, 1);
}
requirePackages();

step('format and lint', bin('biome'), ['check', '--error-on-warnings', '.']);
step('types', bin('tsc'), ['-p', 'tsconfig.json']);
step('types of the web room', bin('vue-tsc'), ['-p', 'web/tsconfig.json']);
step('imports', process.execPath, ['test/check-imports.mjs']);
step('web build', bin('vite'), ['build', 'web', '--logLevel', 'warn']);

console.log('\n── tests');
const report = join(mkdtempSync(join(tmpdir(), 'suyuan-test-')), 'report.json');
run(bin('vitest'), ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]);
try {
  const result = JSON.parse(readFileSync(report, 'utf8'));
  passed += result.numPassedTests;
  // A file that does not load has no tests to fail, so suites count too.
  failed +=
    result.numFailedTests +
    result.testResults.filter((f) => f.status === 'failed' && f.assertionResults.length === 0)
      .length;
  if (result.numPendingTests > 0)
    notRun.push(`${result.numPendingTests} tests that skipped themselves (see above)`);
  if (result.numPassedTests === 0) failed += 1;
} catch {
  console.error('vitest left no report: it did not come to its end');
  failed += 1;
}
rmSync(join(report, '..'), { recursive: true, force: true });

for (const suite of ['merkle', 'digital-link', 'event-hash', 'epcis', 'resolver']) {
  if (existsSync(VECTORS))
    step(`conformance: ${suite}`, bin('tsx'), ['test/conformance/main.ts', suite]);
  else
    notRun.push(
      `conformance ${suite}: no vectors at ../shared/vectors (the project's own vectors were run)`,
    );
}
step('simulation of the consensus: 500 seeds', bin('tsx'), ['test/sim/main.ts', '--seeds', '500']);
step('simulation: seeded bugs', bin('tsx'), ['test/sim/main.ts', '--mutants']);

if (!existsSync(LOGGER_FILE)) {
  notRun.push(
    'replay of the real logger year: no ../shared/data/museum-store-2024.csv.gz (a generated year was replayed)',
  );
}

if (notRun.length > 0)
  console.log(`\nNot run for want of inputs:\n${notRun.map((line) => `  - ${line}`).join('\n')}`);
finish(passed, failed);
