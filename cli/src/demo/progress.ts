// How far the demo's season has been lived, kept so that a second start goes on where the first ended.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomically } from '@suyuan/durable';
import { CliError } from '../errors.ts';
import { readJson } from '../io.ts';
import { isYears, type Plan } from './plan.ts';

/** Paths on the house's own site of what there is to see. */
export interface Story {
  readonly aged: string;
  readonly outages: string;
  readonly rice: string;
  readonly excursion: string;
  readonly recalled: string;
  readonly refuted: string;
  readonly copied: string;
  readonly overClaim: string;
  readonly recall: string;
  readonly drill: string;
  readonly secondReveal: string;
}

export interface SeasonProgress extends Plan {
  /** Lived up to here. */
  readonly cursor_ms: number;
  /** A unit to look at, by GTIN. */
  readonly sampleLinks: Readonly<Record<string, string>>;
  readonly stories: Partial<Story>;
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
  const { end_ms, cursor_ms, years, replay, sampleLinks, stories } = value as Record<
    string,
    unknown
  >;
  return (
    isTime(end_ms) &&
    isTime(cursor_ms) &&
    cursor_ms <= end_ms &&
    isYears(years) &&
    (replay === undefined || typeof replay === 'string') &&
    isPaths(sampleLinks) &&
    isPaths(stories)
  );
}

function isPaths(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((path) => typeof path === 'string' && path.startsWith('/'))
  );
}

function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

export function isLived({ cursor_ms, end_ms }: SeasonProgress): boolean {
  return cursor_ms >= end_ms;
}
