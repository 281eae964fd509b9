// One command line of `suyuan`, run to its end.

import { spawn } from 'node:child_process';
import { ROOT, SUYUAN } from './paths.ts';

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output as it came: packs are not text. */
  readonly bytes: Buffer;
}

export interface RunOptions {
  readonly input?: string | Uint8Array;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

export function suyuan(args: readonly string[], options: RunOptions = {}): Promise<CliResult> {
  return runProgram(process.execPath, [SUYUAN, ...args], {
    ...options,
    env: { NO_COLOR: '1', ...options.env },
  });
}

/** Any program; rejects when there is none of that name. */
export function runProgram(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<CliResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? ROOT,
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.once('error', reject);
    // A program that ends without reading its input closes the pipe; its exit code says what it thought of it.
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
    child.once('close', (code) => {
      const bytes = Buffer.concat(out);
      resolve({
        code,
        bytes,
        stdout: bytes.toString('utf8'),
        stderr: Buffer.concat(err).toString('utf8'),
      });
    });
  });
}

/** Runs it and expects exit code 0; gives what it printed. */
export async function suyuanOk(
  args: readonly string[],
  options: RunOptions = {},
): Promise<CliResult> {
  const result = await suyuan(args, options);
  if (result.code !== 0)
    throw new Error(`suyuan ${args.join(' ')} ended with ${result.code}: ${result.stderr}`);
  return result;
}
