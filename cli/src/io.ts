// Files and options as every command takes them: what is wrong with one is said in one line.

import { open, writeFile } from 'node:fs/promises';
import { CliError, reasonOf, systemCodeOf } from './errors.ts';

/** Larger than anything that a command reads whole. */
const FILE_BYTES_MAX = 64 * 1024 * 1024;

/** The bytes of a file. Throws CliError, which names it as `what`. */
export async function readFileOr(
  path: string,
  what: string,
  limit_bytes: number = FILE_BYTES_MAX,
): Promise<Uint8Array> {
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      if (size > limit_bytes) {
        throw new CliError(
          `the ${what} ${path} is too large: ${size} bytes of at most ${limit_bytes}`,
        );
      }
      return new Uint8Array(await file.readFile());
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(`cannot read the ${what} ${path}: ${reasonOf(error)}`);
  }
}

export async function readJson(path: string, what: string): Promise<unknown> {
  const bytes = await readFileOr(path, what);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new CliError(`the ${what} ${path} is not JSON; check it with a JSON formatter`);
  }
}

export async function writeFileOr(path: string, bytes: Uint8Array | string): Promise<void> {
  try {
    await writeFile(path, bytes, { mode: 0o644 });
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

export function cannotWrite(path: string, error: unknown): CliError {
  const reason = systemCodeOf(error) === 'ENOENT' ? 'there is no such folder' : reasonOf(error);
  return new CliError(`cannot write ${path}: ${reason}`);
}

export function hexOption(text: string, what: string, size_bytes: number): Uint8Array {
  if (/^([0-9a-f]{2})*$/i.test(text) && text.length === size_bytes * 2) {
    return new Uint8Array(Buffer.from(text, 'hex'));
  }
  throw new CliError(`${what} must be ${size_bytes * 2} hex digits`);
}

export function uintOption(text: string, what: string, max = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text);
  if (!/^\d{1,16}$/.test(text) || value > max) {
    throw new CliError(
      `${what} must be a whole number${max < Number.MAX_SAFE_INTEGER ? ` up to ${max}` : ''}`,
    );
  }
  return value;
}

export function portOption(text: string, what: string): number {
  return uintOption(text, what, 65_535);
}
