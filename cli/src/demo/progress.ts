// How far the demo's season has been lived, kept so that a second start goes on where the first ended.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomically } from '@suyuan/durable';
import { CliError } from '../errors.ts';
import { readJson } from '../io.ts';

export interface SeasonProgress {
  /** The season's end: the time of the first start. */
  readonly end_ms: number;
  /** Lived up to here. */
  readonly cursor_ms: number;
  /** A unit to look at, by GTIN. */
  readonly sampleLinks: Readonly<Record<string, string>>;
}

export interface SeasonFile {
  get(): SeasonProgress;
  /** Durable when it resolves. */
  put(progress: SeasonProgress): Promise<void>;
}

/** `demo-season.json` of the directory, written with `fresh` when there is none. Throws CliError when it is damaged. */
export async function openSeasonFile(
  directory: string,
  fresh: SeasonProgress,
): Promise<SeasonFile> {
  const path = join(directory, 'demo-season.json');
  let progress = fresh;
  const put = async (next: SeasonProgress): Promise<void> => {
    await writeFileAtomically(path, new TextEncoder().encode(JSON.stringify(next)));
    progress = next;
  };
  if (existsSync(path)) progress = await readProgress(path);
  else await put(fresh);
  return { get: () => progress, put };
}

async function readProgress(path: string): Promise<SeasonProgress> {
  const value = await readJson(path, 'demo progress').catch(() => undefined);
  if (isProgress(value)) return value;
  throw new CliError(
    `${path} is damaged; put it back from a copy, or begin anew in another directory with --data DIR`,
  );
}

function isProgress(value: unknown): value is SeasonProgress {
  if (typeof value !== 'object' || value === null) return false;
  const { end_ms, cursor_ms, sampleLinks } = value as Record<string, unknown>;
  return (
    isTime(end_ms) &&
    isTime(cursor_ms) &&
    cursor_ms <= end_ms &&
    typeof sampleLinks === 'object' &&
    sampleLinks !== null &&
    Object.values(sampleLinks).every((link) => typeof link === 'string' && link.startsWith('/'))
  );
}

function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

export function isLived({ cursor_ms, end_ms }: SeasonProgress): boolean {
  return cursor_ms >= end_ms;
}
