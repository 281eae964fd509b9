// How far the demo's season has been lived, kept so that a second start goes on where the first ended.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomically } from '@suyuan/durable';
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
  put(progress: SeasonProgress): Promise<void>;
}

export async function openSeasonFile(
  directory: string,
  fresh: SeasonProgress,
): Promise<SeasonFile> {
  const path = join(directory, 'demo-season.json');
  let progress = existsSync(path)
    ? ((await readJson(path, 'demo progress')) as SeasonProgress)
    : fresh;
  return {
    get: () => progress,
    async put(next) {
      progress = next;
      await writeFileAtomically(path, new TextEncoder().encode(JSON.stringify(next)));
    },
  };
}

export function isLived({ cursor_ms, end_ms }: SeasonProgress): boolean {
  return cursor_ms >= end_ms;
}
