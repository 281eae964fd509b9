// Where the parts stand, and folders that end with the test.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
export const SUYUAN = join(ROOT, 'cli', 'bin', 'suyuan.mjs');

/** Built pages, where they are built. */
export const PAGES = join(ROOT, 'web', 'dist');

export interface TempDir {
  readonly path: string;
  remove(): void;
}

export function createTempDir(): TempDir {
  const path = mkdtempSync(join(tmpdir(), 'suyuan-e2e-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
