// State roots under two versions of Node: a demo season is lived through under this one, and its block log is executed again, block by
// block, under this one and under Node 24:
//   npm run roots [-- --season-years N] [--data LEDGER_DIRECTORY]
// The last line is JSON. Exits with 0 when all roots are equal, or when Node 24 cannot be had, which it says; else with 1.

import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const REPLAY = fileURLToPath(new URL('replay.ts', import.meta.url));
const SUYUAN = join(ROOT, 'cli', 'bin', 'suyuan.mjs');
const PAGES = join(ROOT, 'web', 'dist');
const OTHER = 'node@24';
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;
const INSTALL_MS = 120_000;

interface Roots {
  readonly node: string;
  readonly blocks: number;
  readonly transactions: number;
  readonly root: string;
  /** Over the roots of all blocks. */
  readonly digest: string;
  readonly seconds: number;
}

/** Lives through the demo season and stops; gives the directory of its ledger. */
function liveSeason(data: string, years: string): Promise<string> {
  const pages = existsSync(join(PAGES, 'index.html')) ? ['--pages', PAGES] : [];
  const child = spawn(
    process.execPath,
    [
      ...[SUYUAN, 'start', '--data', data, '--http', '0', '--mqtt', '0', ...pages],
      ...['--consensus', 'simplex', '--season-years', years],
    ],
    { cwd: ROOT, env: { ...process.env, NO_COLOR: '1' }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  return new Promise((resolve, reject) => {
    let said = '';
    let isOver = false;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-10_000);
      if (isOver || !/stop with Ctrl-C/.test(said)) return;
      isOver = true;
      child.kill('SIGTERM');
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (isOver) resolve(join(data, 'ledger'));
      else reject(new Error(`the season ended early (${code}):\n${said}`));
    });
  });
}

/** The program of the other version, out of its package; undefined where no registry can be reached. */
function otherNode(directory: string): string | undefined {
  const { status, stderr } = spawnSync(
    'npm',
    ['install', '--no-save', '--no-audit', '--no-fund', '--prefix', directory, OTHER],
    { encoding: 'utf8', timeout: INSTALL_MS },
  );
  const program = join(directory, 'node_modules', 'node', 'bin', 'node');
  if (status === 0 && existsSync(program)) return program;
  console.log(`not run under Node 24: ${OTHER} could not be installed: ${lastLine(stderr ?? '')}`);
  return undefined;
}

function replay(program: string, ledger: string): Roots {
  const start_ms = performance.now();
  const { status, stdout, stderr } = spawnSync(program, ['--import', 'tsx', REPLAY, ledger], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: OUTPUT_BYTES_MAX,
  });
  if (status !== 0) throw new Error(`${program} could not execute the log again:\n${stderr}`);
  const lines = stdout.trim().split('\n');
  const sum = JSON.parse(lines.at(-1) ?? '') as Omit<Roots, 'digest' | 'seconds'>;
  if (lines.length !== sum.blocks + 1 || sum.blocks === 0) throw new Error('blocks are missing');
  const digest = createHash('sha256').update(lines.slice(0, -1).join('\n')).digest('hex');
  return { ...sum, digest, seconds: Math.round((performance.now() - start_ms) / 100) / 10 };
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      'season-years': { type: 'string', default: '1' },
      data: { type: 'string' },
    },
  });
  const directory = await mkdtemp(join(tmpdir(), 'suyuan-roots-'));
  try {
    console.log('the demo season is lived through');
    const ledger =
      values.data ?? (await liveSeason(join(directory, 'season'), values['season-years']));
    const own = replay(process.execPath, ledger);
    console.log(`Node ${own.node}: ${own.blocks} blocks executed again in ${own.seconds} s`);
    const program = otherNode(join(directory, 'other'));
    const other = program === undefined ? undefined : replay(program, ledger);
    if (other !== undefined) {
      console.log(
        `Node ${other.node}: ${other.blocks} blocks executed again in ${other.seconds} s`,
      );
    }
    const equal =
      other !== undefined &&
      other.blocks === own.blocks &&
      other.root === own.root &&
      other.digest === own.digest;
    const nodes = [own, ...(other === undefined ? [] : [other])].map(({ node }) => node);
    const { blocks, transactions, root } = own;
    console.log(
      JSON.stringify({
        roots: other === undefined ? 'one' : equal ? 'equal' : 'different',
        nodes,
        blocks,
        transactions,
        root,
      }),
    );
    return other === undefined || equal ? 0 : 1;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error);
  return 1;
});
