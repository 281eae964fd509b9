// A house as a user runs it: `suyuan start` in a process of its own, watched through what it prints.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { PAGES, ROOT, SUYUAN } from './paths.ts';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface WatchedProcess {
  readonly pid: number;
  /** What it has printed on standard output so far. */
  readonly output: string;
  readonly stderr: string;
  /** Resolves with the first match in the output, printed already or still to come; rejects if the process ends before. */
  seen(pattern: RegExp): Promise<RegExpMatchArray>;
  /** Sends the signal (SIGTERM unless given) and resolves when the process has ended. */
  kill(signal?: NodeJS.Signals): Promise<Exit>;
  readonly exited: Promise<Exit>;
}

export interface SuyuanProcess extends WatchedProcess {
  /** Origin of pages and API, without a slash at its end. */
  readonly url: string;
  readonly mqttPort: number;
  /** The genesis hash in hex. */
  readonly genesis: string;
}

const alive = new Set<ChildProcess>();
// A test that fails halfway leaves no house behind. As the first hook of a file it runs last.
afterAll(() => {
  for (const child of alive) child.kill('SIGKILL');
});

/** Runs `suyuan` with these arguments and leaves it running. */
export function spawnSuyuan(
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): WatchedProcess {
  const child = spawn(process.execPath, [SUYUAN, ...args], {
    cwd: options.cwd ?? ROOT,
    env: { ...process.env, NO_COLOR: '1', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  alive.add(child);
  let output = '';
  let stderr = '';
  const watchers = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    for (const watch of watchers) watch();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const exited = new Promise<Exit>((resolve, reject) => {
    child.once('error', reject);
    // `close`, not `exit`: by then everything that it printed has been read.
    child.once('close', (code, signal) => {
      alive.delete(child);
      resolve({ code, signal });
    });
  });
  return {
    pid: child.pid ?? 0,
    get output() {
      return output;
    },
    get stderr() {
      return stderr;
    },
    exited,
    async kill(signal = 'SIGTERM') {
      child.kill(signal);
      return await exited;
    },
    seen(pattern) {
      return new Promise((resolve, reject) => {
        const watch = (): void => {
          const match = output.match(pattern);
          if (match === null) return;
          watchers.delete(watch);
          resolve(match);
        };
        watchers.add(watch);
        watch();
        void exited.then(({ code, signal }) => {
          watchers.delete(watch);
          reject(
            new Error(
              `ended (${code ?? signal}) before it printed ${pattern}:\n${output}${stderr}`,
            ),
          );
        });
      });
    },
  };
}

/**
 * `suyuan start` on free ports of this machine, once its ports listen. Give `--data`, and `--empty` where no season is wanted. One hand
 * signs for all validators unless `--consensus simplex` is given: of four, everything is done four times.
 */
export async function startSuyuan(
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<SuyuanProcess> {
  const free = ['--http', '--mqtt'].flatMap((port) => (args.includes(port) ? [] : [port, '0']));
  // The test command builds the pages before; a start that builds them anew would change them under other tests.
  const pages = existsSync(join(PAGES, 'index.html')) ? ['--pages', PAGES] : [];
  const engine = args.includes('--consensus') ? [] : ['--consensus', 'solo'];
  const child = spawnSuyuan(['start', ...free, ...pages, ...engine, ...args], options);
  const [, url = ''] = await child.seen(/products\s+(http:\/\/\S+?)\/?\s/);
  const [, mqttPort = ''] = await child.seen(/devices\s+mqtt:\/\/\S+:(\d+)\s/);
  const [, genesis = ''] = await child.seen(/genesis\s+([0-9a-f]{64})\s/);
  return {
    ...child,
    get output() {
      return child.output;
    },
    get stderr() {
      return child.stderr;
    },
    url,
    mqttPort: Number(mqttPort),
    genesis,
  };
}
