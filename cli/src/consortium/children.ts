// The processes of a consortium: started, watched, ended. None but these is ever touched.

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const SUYUAN = fileURLToPath(new URL('../../bin/suyuan.mjs', import.meta.url));
const STDERR_CHARS_MAX = 2_000;

export interface Child {
  readonly name: string;
  readonly pid: number;
  /** As a person types it to start it again. */
  readonly command: string;
  /** Why it ended; undefined while it runs. */
  ended(): string | undefined;
  /** SIGTERM; resolves when it has ended. */
  stop(): Promise<void>;
}

/** Runs `suyuan` with these arguments; what it prints goes to the file. */
export function startChild(
  name: string,
  args: readonly string[],
  terminal: string,
  onEnd: () => void,
): Child {
  const file = openSync(terminal, 'a', 0o600);
  let child: ChildProcess;
  try {
    child = spawn(process.execPath, [SUYUAN, ...args], {
      stdio: ['ignore', file, 'pipe'],
      env: { ...process.env, NO_COLOR: '1' },
    });
  } finally {
    closeSync(file);
  }
  let words = '';
  let ended: string | undefined;
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-STDERR_CHARS_MAX);
  });
  const done = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      ended ??= error.message;
      resolve();
      onEnd();
    });
    child.once('close', (code, signal) => {
      const last = words
        .trim()
        .split('\n')
        .at(-1)
        ?.replace(/^suyuan: /, '');
      ended ??= last || (signal === null ? `ended with code ${code}` : `killed by ${signal}`);
      resolve();
      onEnd();
    });
  });
  return {
    name,
    pid: child.pid ?? 0,
    command: `suyuan ${args.join(' ')}`,
    ended: () => ended,
    async stop() {
      if (ended === undefined) child.kill('SIGTERM');
      await done;
    },
  };
}
