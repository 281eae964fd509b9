// Finds and reads vector files. No case is known by name: whatever lies in the folder is run.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export interface VectorFile {
  /** Relative to the folder of vectors, with `/`. */
  readonly file: string;
  /** Undefined when the file is no JSON. */
  readonly json: unknown;
}

/** All JSON files below `subfolder` of `dir`; below `dir` itself when it has no such subfolder. Sorted by path. */
export function readVectorFiles(dir: string, subfolder: string): VectorFile[] {
  const inLayout = join(dir, subfolder);
  const root = existsSync(inLayout) ? inLayout : dir;
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => ({ file: relative(dir, path).replaceAll('\\', '/'), json: readJson(path) }));
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** True for an object that has all of these members. */
export function hasMembers<Name extends string>(
  value: unknown,
  ...names: Name[]
): value is Record<Name, unknown> {
  return (
    typeof value === 'object' && value !== null && names.every((name) => Object.hasOwn(value, name))
  );
}
